"""Addresses of the first page, the audit trail and the health page."""

from django.urls import URLPattern, path

from inspector.site import views
from inspector.site.agreement import agreement
from inspector.site.audit_trail import audit_trail, export, verify_now
from inspector.site.health import health

app_name = "site"

urlpatterns: list[URLPattern] = [
    path("", views.home, name="home"),
    path("trail/", audit_trail, name="trail"),
    path("trail/export.<str:form>", export, name="trail-export"),
    path("trail/verify/", verify_now, name="trail-verify"),
    path("review/agreement/", agreement, name="agreement"),
    path("health/", health, name="health"),
]
api_urlpatterns: list[URLPattern] = []
