"""Addresses of accounts."""

from django.contrib.auth.views import LogoutView
from django.urls import URLPattern, path

from inspector.accounts import views
from inspector.accounts.api import TokenView
from inspector.accounts.sign_in import SignIn, session

app_name = "accounts"

urlpatterns: list[URLPattern] = [
    path("sign-in/", SignIn.as_view(), name="sign-in"),
    path("sign-out/", LogoutView.as_view(), name="sign-out"),
    path("session/", session, name="session"),
    path("account/", views.account, name="account"),
    path("account/time-zone/", views.time_zone, name="time-zone"),
    path("account/password/", views.password, name="password"),
    path("account/tokens/", views.new_token, name="new-token"),
    path("account/tokens/<str:token_key>/revoke/", views.revoke, name="revoke-token"),
]
api_urlpatterns: list[URLPattern] = [path("token/", TokenView.as_view(), name="token")]
