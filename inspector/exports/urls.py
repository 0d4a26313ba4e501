"""Addresses of exports."""

from django.urls import URLPattern, path

from inspector.exports import api, document_views, views

app_name = "exports"

urlpatterns: list[URLPattern] = [
    path("history/export/", views.export, name="new"),
    path("history/export/<slug:form>/", views.stream, name="stream"),
    path("exports/<id:pk>/", views.one, name="export"),
    path("exports/<id:pk>/file/", views.file, name="file"),
    path("exports/<id:pk>/cancel/", views.stop, name="cancel"),
    path("inspections/<id:pk>/pdf/", document_views.inspection, name="inspection-pdf"),
]
api_urlpatterns: list[URLPattern] = [
    path("exports/", api.Exports.as_view(), name="exports"),
    path("exports/<id:pk>/", api.OneExport.as_view(), name="export"),
    path("exports/<id:pk>/file/", api.ExportFile.as_view(), name="export-file"),
    path("exports/<id:pk>/cancel/", api.CancelExport.as_view(), name="export-cancel"),
]
