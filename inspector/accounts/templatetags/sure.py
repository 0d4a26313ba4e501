"""The questions of a sensitive act, for forms on pages of any app."""

from django import template
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from inspector.accounts.sure import SureForm

register = template.Library()


@register.simple_tag
def ask_why(place: str = "", form: SureForm | None = None, reason: str = "") -> SafeString:
    """`place` keeps the ids of several on one page apart; `form` is one that was sent and is not valid;
    `reason` was typed before."""
    asked = form or SureForm(None, auto_id=f"id_{place}_%s" if place else "id_%s", initial={"reason": reason})
    return render_to_string("accounts/sure.html", {"form": asked})
