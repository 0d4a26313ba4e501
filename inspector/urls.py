"""Every address. Each app's pages are in its `urls`, its endpoints in `api_urlpatterns` there."""

from importlib import import_module

from django.contrib import admin
from django.urls import include, path, re_path
from django.views.generic import RedirectView

from inspector.accounts.sign_in import panel_sign_in
from inspector.core.api_docs import ApiDocs, ApiDocument
from inspector.core.health import probes
from inspector.core.metrics.view import metrics

URLS = (
    *("inspector.exports.urls", "inspector.trials.urls"),
    *("inspector.accounts.urls", "inspector.site.urls", "inspector.site.category_urls"),
    *("inspector.inspections.urls", "inspector.registry.urls", "inspector.samples.urls"),
    *("inspector.training.urls", "inspector.reviews.urls", "inspector.site.part_urls"),
    *("inspector.explanations.urls", "inspector.robustness.urls"),
    *("inspector.monitoring.urls", "inspector.monitoring.alerts.urls"),
)

api_urlpatterns = [
    path("schema/", ApiDocument.as_view(), name="schema"),
    # No OPTIONS: it would describe a page that does not exist.
    path("docs/", ApiDocs.as_view(http_method_names=["get", "head"]), name="docs"),
]
for module in URLS:
    api_urlpatterns += import_module(module).api_urlpatterns

urlpatterns = [
    path("healthz", probes.alive, name="alive"),
    path("readyz", probes.ready, name="ready"),
    path("metrics", metrics, name="metrics"),
    path("admin/login/", panel_sign_in),
    # Where samples were in the panel: bookmarks keep working.
    re_path(
        r"^admin/categories/sample/(?P<rest>.*)$",
        RedirectView.as_view(url="/admin/samples/sample/%(rest)s", query_string=True),
    ),
    path("admin/", admin.site.urls),
    path("api/", include((api_urlpatterns, "api"))),
    *[path("", include(module)) for module in URLS],
]

handler400 = "inspector.core.middleware.bad_request"
handler403 = "inspector.core.error_pages.permission_denied"
handler404 = "inspector.core.error_pages.not_found"
handler500 = "inspector.core.error_pages.failed"
