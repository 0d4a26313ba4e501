"""Addresses of trials."""

from django.urls import URLPattern, path

from inspector.trials import api, trial_views, views

app_name = "trials"

urlpatterns: list[URLPattern] = [
    path("compare/", views.compare, name="compare"),
    path("compare/table.csv", views.table, name="table"),
    path("compare/document.pdf", views.document, name="document"),
    path("compare/photo/", trial_views.new, name="new"),
    path("compare/photo/<id:pk>/", trial_views.trial, name="trial"),
    path("compare/photo/<id:pk>/cancel/", trial_views.stop, name="cancel"),
    path("compare/photo/<id:pk>/<id:version>/<slug:kind>/", trial_views.picture, name="picture"),
]
api_urlpatterns: list[URLPattern] = [
    path("compare/", api.Compare.as_view(), name="compare"),
]
