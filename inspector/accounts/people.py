"""Making people and giving them roles. Somebody who can do so always remains."""

import secrets

from django.contrib.auth.models import Group
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.dispatch import Signal

from inspector.accounts.events import AccountEvent
from inspector.accounts.models import User
from inspector.accounts.selectors import active_admins, role_of
from inspector.core.changes import change
from inspector.core.errors import Conflict, Refused
from inspector.core.events import Who, because, record
from inspector.core.roles import Role

# Sent with `former` and `username`, inside the transaction: for upper apps that keep people by their names.
renamed = Signal()


def create_person(
    username: str, role: Role | str, password: str | None = None, by: Who = None, reason: str = ""
) -> tuple[User, str]:
    """A new person with a role. Without a password a random one is made; it is returned, never stored."""
    role = _role(role)
    user = User(username=username.strip())
    try:
        user.clean_fields(exclude=["password"])
        if password:  # a random one may resemble the name by chance, which makes it no weaker
            validate_password(password, user)
    except ValidationError as error:
        raise Refused("bad_account", " ".join(error.messages)) from None
    password = password or secrets.token_urlsafe(12)
    with transaction.atomic():
        _refuse_taken(user.username)
        user.set_password(password)
        user.save()
        _give(user, role)
        record(by, AccountEvent.CREATED, user, role=role.value, **because(reason))
    return user, password


def describe(user: User, by: Who, **words: str) -> User:
    """Another username, name, e-mail address or time zone. Conflict "name_taken"."""
    with transaction.atomic():
        row = User.objects.select_for_update().get(pk=user.pk)
        if words.get("username", row.username) != row.username:
            _refuse_taken(words["username"], row.pk)
        before = change(row, words)
        if before:
            former = {"former": before["username"], "username": row.username} if "username" in before else {}
            record(by, AccountEvent.DESCRIBED, row, changed=[_label_of(name) for name in before], **former)
            if former:
                renamed.send(User, **former)
    return row


def _label_of(field: str) -> str:
    return str(User._meta.get_field(field).verbose_name)  # type: ignore[union-attr]


def one_at_a_time(person: User) -> None:
    """What else this person asks for at this moment waits until the transaction ends: a limit that is counted
    then holds. Rows that only name the person may be written meanwhile."""
    list(User.objects.select_for_update(no_key=True).filter(pk=person.pk))


def _refuse_taken(username: str, of: int = 0) -> None:
    """Names that differ in capitals alone are one person's for people, and at the sign-in page."""
    if User.objects.filter(username__iexact=username).exclude(pk=of).exists():
        raise Conflict("name_taken", f"The account “{username}” already exists. Choose another name.")


def set_role(user: User, role: Role | str, by: Who, reason: str = "") -> User:
    """Exactly this role from now on. The last active admin keeps theirs."""
    role = _role(role)
    with transaction.atomic():
        _lock_admins()
        former = role_of(user)
        if former == role:
            return user
        if role != Role.ADMIN:
            _refuse_without_admin(user, f"{user} is the only admin. Make another user an admin first.")
        _give(user, role)
        roles = {"role": role.value, "former": former.value if former else None}
        record(by, AccountEvent.ROLE_CHANGED, user, **roles, **because(reason))
    return user


def set_active(user: User, active: bool, by: Who, reason: str = "") -> User:
    """Let a person sign in, or no longer; their API tokens and sessions end. The last admin stays active."""
    with transaction.atomic():
        _lock_admins()
        if not active:
            message = f"{user} is the only admin and must stay active. Make another user an admin first."
            _refuse_without_admin(user, message)
        if not User.objects.filter(pk=user.pk, is_active=not active).update(is_active=active):
            return user
        user.is_active = active
        if not active:
            user.end_access(inactive=True)
        kind = AccountEvent.ACTIVATED if active else AccountEvent.DEACTIVATED
        record(by, kind, user, **because(reason))
    return user


def _role(role: Role | str) -> Role:
    try:
        return Role(role)
    except ValueError:
        choices = ", ".join(role.value for role in Role)
        raise Refused("no_such_role", f"There is no role “{role}”. The roles are: {choices}.") from None


def _give(user: User, role: Role) -> None:
    group, _ = Group.objects.get_or_create(name=role.value)
    user.groups.set([group])
    user.is_staff = role == Role.ADMIN
    # A superuser passes every check, whatever the role: below Admin nobody is one.
    user.is_superuser = user.is_superuser and role == Role.ADMIN
    user.save(update_fields=["is_staff", "is_superuser"])


def _lock_admins() -> None:
    """Two admins who demote each other at the same moment: the second one waits and then sees the first."""
    list(Group.objects.select_for_update().filter(name=Role.ADMIN.value))


def is_only_admin(user: User) -> bool:
    """Whether nobody else could let people in."""
    others = active_admins().exclude(pk=user.pk)
    return role_of(user) == Role.ADMIN and user.is_active and not others.exists()


def _refuse_without_admin(user: User, message: str) -> None:
    if is_only_admin(user):
        raise Refused("last_admin", message, status=409)
