"""Addresses of categories as a whole."""

from django.urls import URLPattern, path

from inspector.site import category_api, category_views

app_name = "categories"

urlpatterns: list[URLPattern] = [
    path("categories/", category_views.categories, name="list"),
    # Not under categories/: every word there is some category's.
    path("new-category/", category_views.new, name="new"),
    path("categories/<slug:slug>/", category_views.category, name="category"),
    path("categories/<slug:slug>/describe/", category_views.describe, name="describe"),
    path("categories/<slug:slug>/archive/", category_views.archive, name="archive"),
    path("categories/<slug:slug>/unarchive/", category_views.unarchive, name="unarchive"),
    path(
        "categories/<slug:slug>/remove-production/",
        category_views.remove_production,
        name="remove-production",
    ),
    path("categories/<slug:slug>/delete/", category_views.delete, name="delete"),
]
api_urlpatterns: list[URLPattern] = [
    path("categories/", category_api.Categories.as_view(), name="categories"),
    path("categories/<slug:slug>/", category_api.OneCategory.as_view(), name="category"),
    path("categories/<slug:slug>/archive/", category_api.Archive.as_view(), name="archive"),
    path("categories/<slug:slug>/unarchive/", category_api.Unarchive.as_view(), name="unarchive"),
]
