"""The type of a request that a signed-in person's browser sent, as middleware completes it."""

from django.http import HttpRequest
from django_htmx.middleware import HtmxDetails

from inspector.accounts.models import User


class PersonRequest(HttpRequest):
    user: User
    htmx: HtmxDetails
