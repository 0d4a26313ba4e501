"""Addresses of inspections."""

from django.urls import URLPattern, path, register_converter
from django.urls.converters import StringConverter

from inspector.inspections import (
    api,
    display_api,
    find_category_api,
    inspect_views,
    limits_views,
    part_rules_api,
    part_rules_views,
    view_views,
    views,
)
from inspector.inspections.show import KINDS

app_name = "inspections"


class Picture(StringConverter):
    """`<picture:kind>`: a kind of picture that there is."""

    regex = "|".join(KINDS)


register_converter(Picture, "picture")

urlpatterns: list[URLPattern] = [
    path("inspect/", inspect_views.inspect, name="inspect"),
    path("inspect/station/", inspect_views.station, name="station"),
    path("inspect/batches/<id:pk>/", views.batch, name="batch"),
    path("inspect/batches/<id:pk>/rows/", views.batch_rows, name="batch-rows"),
    path("inspections/<id:pk>/", views.inspection, name="inspection"),
    path("inspections/<id:pk>/retry/", views.retry, name="retry"),
    path("inspections/<id:pk>/try-now/", views.try_now, name="try-now"),
    path("inspections/<id:pk>/dismiss/", views.dismiss, name="dismiss"),
    path("inspections/<id:pk>/judge-anyway/", views.anyway, name="judge-anyway"),
    path("inspections/<id:pk>/send-as/", views.as_other, name="send-as"),
    path("inspections/<id:pk>/<picture:kind>/", views.picture, name="picture"),
    path("categories/<slug:slug>/limits/", limits_views.limits, name="limits"),
    path("categories/<slug:slug>/part-rules/", part_rules_views.part_rules, name="part-rules"),
    path("categories/<slug:slug>/part-rules/try/", part_rules_views.try_pattern, name="try-pattern"),
    path("history/", views.history, name="history"),
    path("history/views/", view_views.views, name="views"),
    path("history/views/menu/", view_views.menu, name="view-menu"),
    path("history/views/start/", view_views.start, name="view-start"),
    path("history/views/<id:pk>/delete/", view_views.delete, name="view-delete"),
    path("history/display/", view_views.choose, name="display"),
    path("history/filters/", views.more_filters_of, name="more-filters"),
    path("inspections/stopped/", views.stopped, name="stopped"),
]
api_urlpatterns: list[URLPattern] = [
    path("views/", display_api.SavedViews.as_view(), name="views"),
    path("views/<id:pk>/", display_api.OneView.as_view(), name="view"),
    path("inspections/", api.Inspections.as_view(), name="inspections"),
    path("inspections/<id:pk>/", api.OneInspection.as_view(), name="inspection"),
    path("inspections/<id:pk>/retry/", api.Retry.as_view(), name="inspection-retry"),
    path("inspections/<id:pk>/try-now/", api.TryNow.as_view(), name="inspection-try-now"),
    path("inspections/<id:pk>/dismiss/", api.Dismiss.as_view(), name="inspection-dismiss"),
    path("inspections/<id:pk>/judge-anyway/", api.JudgeAnyway.as_view(), name="inspection-judge-anyway"),
    path("inspections/<id:pk>/send-as/", api.SendAs.as_view(), name="inspection-send-as"),
    path("find-category/", find_category_api.FindCategory.as_view(), name="find-category"),
    path(
        "categories/<slug:slug>/part-rules/",
        part_rules_api.PartRulesOfCategory.as_view(),
        name="part-rules",
    ),
    path("inspections/<id:pk>/images/<picture:kind>/", api.Picture.as_view(), name="inspection-image"),
]
