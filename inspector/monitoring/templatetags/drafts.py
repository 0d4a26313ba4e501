"""What the page of a version shows of its quick draft."""

from django import template

from inspector.monitoring.drafts import compared, undecided

register = template.Library()
register.filter("drafts_compared", compared)
register.filter("drafts_undecided", undecided)
