"""Addresses of samples."""

from django.urls import URLPattern, path

from inspector.samples import explore_views, views

app_name = "samples"

urlpatterns: list[URLPattern] = [
    path("categories/<slug:slug>/samples/", views.samples, name="list"),
    path("categories/<slug:slug>/samples/add/", views.add, name="add"),
    path("categories/<slug:slug>/explore/", explore_views.explore, name="explore"),
    path("categories/<slug:slug>/explore/progress/", explore_views.progress, name="explore-progress"),
    path("categories/<slug:slug>/explore/remove/", explore_views.remove, name="explore-remove"),
    path("explorations/<id:pk>/cancel/", explore_views.cancel, name="explore-cancel"),
    path("explorations/<id:pk>/retry/", explore_views.retry, name="explore-retry"),
    path("explorations/<id:pk>/plots/<str:name>", explore_views.plot, name="explore-plot"),
    path("samples/<id:pk>/", views.sample, name="sample"),
    path("samples/<id:pk>/remove/", views.remove, name="remove"),
    path("samples/<id:pk>/image/", views.image, name="image"),
    path("samples/<id:pk>/thumbnail/", views.picture, {"kind": "thumbnail"}, name="thumbnail"),
    path("samples/<id:pk>/preview/", views.picture, {"kind": "preview"}, name="preview"),
    path("samples/<id:pk>/outline/", views.picture, {"kind": "outline"}, name="outline"),
]
api_urlpatterns: list[URLPattern] = []
