"""Addresses of robustness."""

from django.urls import URLPattern, path

from inspector.robustness import api, views

app_name = "robustness"

urlpatterns: list[URLPattern] = [
    path("categories/<slug:slug>/v<id:number>/robustness/", views.report, name="report"),
    path("categories/<slug:slug>/v<id:number>/robustness/table.csv", views.table, name="table"),
    path("categories/<slug:slug>/v<id:number>/robustness/cancel/", views.stop, name="cancel"),
    path("categories/<slug:slug>/promotion-gate/", views.gate, name="gate"),
]
api_urlpatterns: list[URLPattern] = [
    path("versions/<id:pk>/robustness/", api.OfVersion.as_view(), name="robustness"),
    path("versions/<id:pk>/robustness/cancel/", api.Cancel.as_view(), name="robustness-cancel"),
    path("categories/<slug:slug>/promotion-gate/", api.Gate.as_view(), name="promotion-gate"),
]
