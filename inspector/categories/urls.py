"""Addresses of categories."""

from django.urls import URLPattern, path

from inspector.categories import views

app_name = "categories"

urlpatterns: list[URLPattern] = [
    # Not under categories/: every word there is some category's.
    path("new-category/", views.new, name="new"),
    path("categories/<slug:slug>/describe/", views.describe, name="describe"),
]
api_urlpatterns: list[URLPattern] = []
