"""Addresses of training."""

from django.urls import URLPattern, path

from inspector.training import api, views

app_name = "training"

urlpatterns: list[URLPattern] = [
    path("categories/<slug:slug>/retrain/", views.retrain, name="retrain"),
    path("categories/<slug:slug>/runs/", views.of_category, name="category-runs"),
    path("runs/open/", views.all_open, name="open-runs"),
    path("runs/<id:pk>/", views.run, name="run"),
    path("runs/<id:pk>/progress/", views.progress, name="run-progress"),
    path("runs/<id:pk>/cancel/", views.cancel, name="cancel"),
    path("runs/<id:pk>/retry/", views.retry, name="retry"),
]
api_urlpatterns: list[URLPattern] = [
    path("categories/<slug:slug>/retrain/", api.Retrain.as_view(), name="retrain"),
    path("families/", api.Families.as_view(), name="families"),
    path("methods/", api.Methods.as_view(), name="methods"),
    path("runs/", api.Runs.as_view(), name="runs"),
    path("runs/<id:pk>/", api.Run.as_view(), name="run"),
    path("runs/<id:pk>/cancel/", api.Cancel.as_view(), name="cancel"),
    path("runs/<id:pk>/retry/", api.Retry.as_view(), name="retry"),
]
