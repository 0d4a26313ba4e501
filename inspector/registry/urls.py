"""Addresses of registry."""

from django.urls import URLPattern, path

from inspector.registry import api, photo_views, views

app_name = "registry"

urlpatterns: list[URLPattern] = [
    path("categories/<slug:slug>/v<id:number>/", views.version, name="version"),
    path("categories/<slug:slug>/v<id:number>/photos/", photo_views.test_photos, name="photos"),
    path("categories/<slug:slug>/v<id:number>/odd/remove/", views.remove_odd, name="remove-odd"),
    path("categories/<slug:slug>/v<id:number>/promote/", views.promote, name="promote"),
    path("categories/<slug:slug>/v<id:number>/plots/<str:name>", views.plot, name="plot"),
]
api_urlpatterns: list[URLPattern] = [
    path("categories/<slug:slug>/deployments/", api.Deployments.as_view(), name="deployments"),
    path("versions/", api.Versions.as_view(), name="versions"),
    path("versions/<id:pk>/", api.Version.as_view(), name="version"),
    path("versions/<id:pk>/promote/", api.Promote.as_view(), name="promote"),
]
