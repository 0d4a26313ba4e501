"""Addresses of training."""

from django.urls import URLPattern, path

from inspector.training import api, category_views, views

app_name = "training"

urlpatterns: list[URLPattern] = [
    path("categories/<slug:slug>/retrain/", views.retrain, name="retrain"),
    path("categories/<slug:slug>/runs/", views.of_category, name="category-runs"),
    path("categories/<slug:slug>/archive/", category_views.archive, name="archive"),
    path("categories/<slug:slug>/unarchive/", category_views.unarchive, name="unarchive"),
    path("categories/<slug:slug>/delete/", category_views.delete, name="delete"),
    path("runs/open/", views.all_open, name="open-runs"),
    path("runs/<id:pk>/", views.run, name="run"),
    path("runs/<id:pk>/progress/", views.progress, name="run-progress"),
    path("runs/<id:pk>/cancel/", views.cancel, name="cancel"),
    path("runs/<id:pk>/retry/", views.retry, name="retry"),
]
api_urlpatterns: list[URLPattern] = [
    path("categories/", api.Categories.as_view(), name="categories"),
    path("categories/<slug:slug>/", api.OneCategory.as_view(), name="category"),
    path("categories/<slug:slug>/archive/", api.Archive.as_view(), name="archive"),
    path("categories/<slug:slug>/unarchive/", api.Unarchive.as_view(), name="unarchive"),
    path("categories/<slug:slug>/retrain/", api.Retrain.as_view(), name="retrain"),
    path("methods/", api.Methods.as_view(), name="methods"),
    path("runs/", api.Runs.as_view(), name="runs"),
    path("runs/<id:pk>/", api.Run.as_view(), name="run"),
    path("runs/<id:pk>/cancel/", api.Cancel.as_view(), name="cancel"),
    path("runs/<id:pk>/retry/", api.Retry.as_view(), name="retry"),
]
