"""What the page of a version shows of its quick draft."""

from django import template

from inspector.monitoring.drafts import compared, is_idle

register = template.Library()
register.filter("drafts_compared", compared)
register.filter(is_idle)
