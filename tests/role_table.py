"""Who may open which address: every page's test says it as one table."""

from collections.abc import Callable
from typing import Any

from django.test import Client

from inspector.accounts.models import User

ALL = {"anonymous": 302, "roleless": 403, "Inspector": 200, "QA manager": 200, "Admin": 200}
ADMIN_ONLY = ALL | {"Inspector": 403, "QA manager": 403}


def answers(
    client_of: Callable[..., Client], address: str, method: str = "get", **data: Any
) -> dict[str, int]:
    """The status that each kind of person gets; anonymous ones must be sent to sign in."""
    roleless = Client()
    roleless.force_login(User.objects.get_or_create(username="roleless")[0])
    people = {"anonymous": Client(), "roleless": roleless}
    people |= {role: client_of(role) for role in ("Inspector", "QA manager", "Admin")}
    found = {}
    for name, browser in people.items():
        response = getattr(browser, method)(address, data)
        found[name] = response.status_code
        if name == "anonymous":
            assert response["Location"].startswith("/sign-in/")
    return found
