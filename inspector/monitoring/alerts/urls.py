"""Addresses of alerts."""

from django.urls import URLPattern, path

from inspector.monitoring.alerts import api, channel_views, rule_views, views

app_name = "alerts"

urlpatterns: list[URLPattern] = [
    path("alerts/", views.alerts, name="list"),
    path("alerts/unread/", views.unread, name="unread"),
    path("alerts/read/", views.read, name="read"),
    path("alerts/<id:pk>/", views.alert, name="alert"),
    path("alerts/<id:pk>/acknowledge/", views.acknowledge, name="acknowledge"),
    path("alerts/<id:pk>/close/", views.close, name="close"),
    path("alerts/rules/", rule_views.rules, name="rules"),
    path("alerts/rules/new/", rule_views.new, name="new-rule"),
    path("alerts/rules/<id:pk>/", rule_views.rule, name="rule"),
    path("alerts/rules/<id:pk>/retire/", rule_views.retire, name="retire-rule"),
    path("alerts/messages/", channel_views.log, name="messages"),
    path("alerts/messages/<id:pk>/", channel_views.message, name="message"),
    path("alerts/messages/<id:pk>/again/", channel_views.send_again, name="send-again"),
    path("alerts/webhooks/", channel_views.hooks, name="webhooks"),
    path("alerts/webhooks/<id:pk>/", channel_views.hook, name="webhook"),
    path("alerts/webhooks/<id:pk>/test/", channel_views.test, name="test-webhook"),
    path("alerts/webhooks/<id:pk>/secret/", channel_views.renew, name="renew-secret"),
    path("alerts/webhooks/<id:pk>/retire/", channel_views.retire, name="retire-webhook"),
]
api_urlpatterns: list[URLPattern] = [
    path("alerts/", api.Alerts.as_view(), name="alerts"),
    path("alerts/<id:pk>/acknowledge/", api.Acknowledge.as_view(), name="alert-acknowledge"),
    path("alerts/<id:pk>/close/", api.Close.as_view(), name="alert-close"),
    path("alert-rules/", api.Rules.as_view(), name="alert-rules"),
    path("alert-rules/<id:pk>/", api.OneRule.as_view(), name="alert-rule"),
    path("alert-messages/", api.Messages.as_view(), name="alert-messages"),
    path("alert-messages/<id:pk>/again/", api.SendAgain.as_view(), name="alert-message-again"),
]
