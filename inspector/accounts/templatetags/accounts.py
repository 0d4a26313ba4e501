"""What pages say about people."""

from django import template

from inspector.accounts.selectors import active_admins

register = template.Library()
NAMED_ADMINS = 3


@register.simple_tag
def ask_an_admin(to: str) -> str:
    """Whom to ask for what one's role does not allow: “Ask an admin (anna, ben) to train it.”"""
    names = [str(admin) for admin in active_admins().order_by("username")[: NAMED_ADMINS + 1]]
    if not names:
        return "There is no admin who could do this."
    more = ", …" if len(names) > NAMED_ADMINS else ""
    return f"Ask an admin ({', '.join(names[:NAMED_ADMINS])}{more}) {to}."
