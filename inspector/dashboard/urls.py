"""Addresses of dashboard."""

from django.urls import URLPattern, path

from inspector.dashboard import views

app_name = "dashboard"

urlpatterns: list[URLPattern] = [path("", views.home, name="home")]
api_urlpatterns: list[URLPattern] = []
