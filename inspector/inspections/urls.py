"""Addresses of inspections."""

from django.urls import URLPattern, path, re_path

from inspector.inspections import api, inspect_views, views

app_name = "inspections"

urlpatterns: list[URLPattern] = [
    path("inspect/", inspect_views.inspect, name="inspect"),
    path("inspect/station/", inspect_views.station, name="station"),
    path("inspect/batches/<int:pk>/", views.batch, name="batch"),
    path("inspect/batches/<int:pk>/rows/", views.batch_rows, name="batch-rows"),
    path("inspections/<int:pk>/", views.inspection, name="inspection"),
    path("inspections/<int:pk>/retry/", views.retry, name="retry"),
    re_path(
        r"^inspections/(?P<pk>\d+)/(?P<kind>original|preview|thumbnail|reconstruction|heatmap|contours)/$",
        views.picture,
        name="picture",
    ),
    path("history/", views.history, name="history"),
]
api_urlpatterns: list[URLPattern] = [
    path("inspections/", api.Inspections.as_view(), name="inspections"),
    path("inspections/<int:pk>/", api.OneInspection.as_view(), name="inspection"),
    path("inspections/<int:pk>/retry/", api.Retry.as_view(), name="inspection-retry"),
    path("inspections/<int:pk>/images/<str:kind>/", api.Picture.as_view(), name="inspection-image"),
]
