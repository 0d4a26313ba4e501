"""Places in templates of lower apps that upper apps fill: `{% slot "notices" %}` shows what they put there.

Each app says in its `slots` what it puts where. A template is shown with the context of the page around it.
"""

_templates: dict[str, list[str]] = {}


def put(place: str, template: str) -> None:
    """Show the template wherever this place is."""
    _templates.setdefault(place, []).append(template)


def templates(place: str) -> tuple[str, ...]:
    return tuple(_templates.get(place, ()))
