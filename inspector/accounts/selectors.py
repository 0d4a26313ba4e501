"""Reads about people."""

from django.db.models import Q, QuerySet
from django.http import HttpRequest

from inspector.accounts.models import ApiToken, User
from inspector.core.roles import Role


def person_of(request: HttpRequest) -> User:
    """Who is signed in; for views that LoginRequiredMiddleware lets nobody else into."""
    assert isinstance(request.user, User)
    return request.user


def role_of(user: User) -> Role | None:
    """The person's role; None for somebody who has none yet. A superuser counts as an admin."""
    return user.role


def people() -> QuerySet[User]:
    """Everybody, by name, with their groups, so that `role_of` needs no further query."""
    return User.objects.prefetch_related("groups").order_by("username")


def active_admins() -> QuerySet[User]:
    """Those who can sign in and do everything."""
    admins = Q(groups__name=Role.ADMIN.value) | Q(is_superuser=True)
    return User.objects.filter(admins, is_active=True).distinct()


def tokens_of(user: User) -> QuerySet[ApiToken]:
    """A person's API tokens, newest first."""
    return ApiToken.objects.filter(user=user).select_related("notes").order_by("-created")
