"""Addresses of categories."""

from django.urls import URLPattern, path

from inspector.categories import explore_views, views

app_name = "categories"

urlpatterns: list[URLPattern] = [
    # Not under categories/: every word there is some category's.
    path("new-category/", views.new, name="new"),
    path("categories/<slug:slug>/describe/", views.describe, name="describe"),
    path("categories/<slug:slug>/samples/", views.samples, name="samples"),
    path("categories/<slug:slug>/samples/add/", views.add, name="add-samples"),
    path("categories/<slug:slug>/explore/", explore_views.explore, name="explore"),
    path("categories/<slug:slug>/explore/progress/", explore_views.progress, name="explore-progress"),
    path("categories/<slug:slug>/explore/remove/", explore_views.remove, name="explore-remove"),
    path("explorations/<id:pk>/cancel/", explore_views.cancel, name="explore-cancel"),
    path("explorations/<id:pk>/retry/", explore_views.retry, name="explore-retry"),
    path("explorations/<id:pk>/plots/<str:name>", explore_views.plot, name="explore-plot"),
    path("samples/<id:pk>/", views.sample, name="sample"),
    path("samples/<id:pk>/remove/", views.remove, name="remove-sample"),
    path("samples/<id:pk>/image/", views.image, name="sample-image"),
    path("samples/<id:pk>/thumbnail/", views.picture, {"kind": "thumbnail"}, name="sample-thumbnail"),
    path("samples/<id:pk>/preview/", views.picture, {"kind": "preview"}, name="sample-preview"),
    path("samples/<id:pk>/outline/", views.picture, {"kind": "outline"}, name="sample-outline"),
]
api_urlpatterns: list[URLPattern] = []
