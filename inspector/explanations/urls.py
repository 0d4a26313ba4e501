"""Addresses of explanations."""

from django.urls import URLPattern, path

from inspector.explanations import api, views

app_name = "explanations"

urlpatterns: list[URLPattern] = [
    path("inspections/<id:pk>/explanations/", views.of_inspection, name="of-inspection"),
    path("inspections/<id:pk>/explanations/<slug:kind>/", views.ask, name="ask"),
    path("explanations/<id:pk>/", views.one, name="explanation"),
    path("explanations/<id:pk>/cancel/", views.cancel, name="cancel"),
    path("explanations/<id:pk>/pictures/<slug:name>/", views.picture, name="picture"),
]
api_urlpatterns: list[URLPattern] = [
    path("inspections/<id:pk>/explanations/", api.OfInspection.as_view(), name="explanations"),
    path("explanations/<id:pk>/", api.OneExplanation.as_view(), name="explanation"),
    path("explanations/<id:pk>/cancel/", api.CancelExplanation.as_view(), name="explanation-cancel"),
    path(
        "explanations/<id:pk>/pictures/<slug:name>/",
        api.ExplanationPicture.as_view(),
        name="explanation-picture",
    ),
]
