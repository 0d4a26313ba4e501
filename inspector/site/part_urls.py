"""Addresses of lots, serials and the search."""

from django.urls import URLPattern, path

from inspector.site import part_api, part_views, search_views

app_name = "parts"

urlpatterns: list[URLPattern] = [
    path("search/", search_views.search, name="search"),
    path("lots/", part_views.lots, name="lots"),
    path("lots/<path:lot>/", part_views.lot, name="lot"),
    path("serials/", part_views.serials, name="serials"),
    path("serials/<path:serial>/", part_views.serial, name="serial"),
]
api_urlpatterns: list[URLPattern] = [
    path("lots/", part_api.OneLot.as_view(), name="lot"),
    path("lot-decisions/", part_api.LotDecisions.as_view(), name="lot-decisions"),
]
