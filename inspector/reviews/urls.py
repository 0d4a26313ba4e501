"""Addresses of reviews."""

from django.urls import URLPattern, path

from inspector.reviews import (
    api,
    defect_views,
    grid_views,
    mark_api,
    mark_views,
    sample_api,
    sample_views,
    views,
)

app_name = "reviews"

urlpatterns: list[URLPattern] = [
    path("review/", views.queue, name="queue"),
    path("review/grid/", grid_views.grid, name="grid"),
    path("review/decide/", grid_views.decide, name="decide-many"),
    path("review/undo/", grid_views.undo, name="undo"),
    path("review/to-samples/", sample_views.send, name="to-samples"),
    path("review/more/", views.more, name="more"),
    path("inspections/<id:pk>/decide/", views.decide, name="decide"),
    path("inspections/<id:pk>/dispute/", views.dispute, name="dispute"),
    path("inspections/<id:pk>/reviews/", views.of_inspection, name="of-inspection"),
    path("inspections/<id:pk>/mark/", mark_views.mark, name="mark"),
    path("inspections/<id:pk>/map-outlines/", mark_views.map_outlines, name="map-outlines"),
    path("marks/<id:pk>/mask/", mark_views.mask, name="mask"),
    path("marks/<id:pk>/outline/", mark_views.outline, name="mark-outline"),
    path("marks/<id:pk>/withdraw/", mark_views.withdraw, name="withdraw-mark"),
    path("reviews/<id:pk>/withdraw/", views.withdraw, name="withdraw"),
    path("categories/<slug:slug>/review-rules/", defect_views.rules, name="rules"),
    path("categories/<slug:slug>/decided/", sample_views.decided, name="decided"),
    path("categories/<slug:slug>/decided/new/", sample_views.new_decided, name="new-decided"),
    path("categories/<slug:slug>/defect-types/", defect_views.add, name="add-defect-type"),
    path("samples/<id:pk>/golden/", defect_views.golden, name="golden"),
    path("defect-types/<id:pk>/", defect_views.change, name="defect-type"),
    path("defect-types/<id:pk>/example/", defect_views.example, name="example"),
    path("defect-types/<id:pk>/retire/", defect_views.retire, name="retire-defect-type"),
]
api_urlpatterns: list[URLPattern] = [
    path("reviews/", api.Reviews.as_view(), name="reviews"),
    path("reviews/<id:pk>/withdraw/", api.Withdraw.as_view(), name="review-withdraw"),
    path("reviews/to-samples/", sample_api.ToSamples.as_view(), name="to-samples"),
    path("inspections/<id:pk>/dispute/", api.DisputeVerdict.as_view(), name="inspection-dispute"),
    path("inspections/<id:pk>/mark/", mark_api.MarkOfInspection.as_view(), name="inspection-mark"),
    path("inspections/<id:pk>/outlines/", mark_api.OutlinesOfMap.as_view(), name="inspection-outlines"),
    path("marks/<id:pk>/mask/", mark_api.MaskOfMark.as_view(), name="mark-mask"),
    path("marks/<id:pk>/withdraw/", mark_api.WithdrawMark.as_view(), name="mark-withdraw"),
    path("categories/<slug:slug>/defect-types/", api.DefectTypes.as_view(), name="defect-types"),
    path("defect-types/<id:pk>/example/", api.ExampleOfDefectType.as_view(), name="defect-type-example"),
]
