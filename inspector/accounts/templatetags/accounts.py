"""What pages say about people."""

from typing import Any

from django import template

from inspector.accounts.selectors import active_admins
from inspector.accounts.selectors import role_of as _role_of

register = template.Library()
NAMED_ADMINS = 3


@register.simple_tag
def role_of(user: Any) -> str:
    """The name of a person's role; empty for none and for nobody."""
    role = _role_of(user) if user.is_authenticated else None
    return role.label if role else ""


@register.simple_tag
def ask_an_admin(to: str) -> str:
    """Whom to ask for what one's role does not allow: “Ask an admin (anna, ben) to train it.”"""
    names = [str(admin) for admin in active_admins().order_by("username")[: NAMED_ADMINS + 1]]
    if not names:
        return "There is no admin who could do this."
    more = ", …" if len(names) > NAMED_ADMINS else ""
    return f"Ask an admin ({', '.join(names[:NAMED_ADMINS])}{more}) {to}."
