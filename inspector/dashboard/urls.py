"""Addresses of dashboard."""

from django.urls import URLPattern, path

from inspector.dashboard import views
from inspector.dashboard.audit_trail import audit_trail, export, verify_now
from inspector.dashboard.health import health

app_name = "dashboard"

urlpatterns: list[URLPattern] = [
    path("", views.home, name="home"),
    path("trail/", audit_trail, name="trail"),
    path("trail/export.<str:form>", export, name="trail-export"),
    path("trail/verify/", verify_now, name="trail-verify"),
    path("health/", health, name="health"),
]
api_urlpatterns: list[URLPattern] = []
