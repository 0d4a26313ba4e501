"""Addresses of trials."""

from django.urls import URLPattern, path

from inspector.trials import api, views

app_name = "trials"

urlpatterns: list[URLPattern] = [
    path("compare/", views.compare, name="compare"),
    path("compare/table.csv", views.table, name="table"),
    path("compare/document.pdf", views.document, name="document"),
]
api_urlpatterns: list[URLPattern] = [
    path("compare/", api.Compare.as_view(), name="compare"),
]
