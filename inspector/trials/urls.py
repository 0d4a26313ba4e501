"""Addresses of trials."""

from django.urls import URLPattern, path

from inspector.trials import api, trial_api, trial_views, views

app_name = "trials"

urlpatterns: list[URLPattern] = [
    path("compare/", views.compare, name="compare"),
    path("compare/table.csv", views.table, name="table"),
    path("compare/document.pdf", views.document, name="document"),
    path("compare/photo/", trial_views.new, name="new"),
    path("compare/photo/<id:pk>/", trial_views.trial, name="trial"),
    path("compare/photo/<id:pk>/cancel/", trial_views.stop, name="cancel"),
    path("compare/photo/<id:pk>/<id:version>/<slug:kind>/", trial_views.picture, name="picture"),
]
api_urlpatterns: list[URLPattern] = [
    path("compare/", api.Compare.as_view(), name="compare"),
    path("trials/", trial_api.Trials.as_view(), name="trials"),
    path("trials/<id:pk>/", trial_api.OneTrial.as_view(), name="trial"),
    path("trials/<id:pk>/cancel/", trial_api.CancelTrial.as_view(), name="trial-cancel"),
    path("trials/<id:pk>/<id:version>/<slug:kind>/", trial_api.TrialPicture.as_view(), name="trial-picture"),
]
