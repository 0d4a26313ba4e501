"""What the admin panel is called, where its sidebar leads, and the site's colours in it."""

from typing import Any

from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import reverse_lazy

# The site's accent, from tint to shade.
ACCENT = {
    "50": "#f1f8fb",
    "100": "#e0eef4",
    "200": "#bfdeea",
    "300": "#93c8dd",
    "400": "#58aecf",
    "500": "#2b93bb",
    "600": "#0b6a8e",
    "700": "#0b5a78",
    "800": "#0d4a62",
    "900": "#0f3d50",
    "950": "#092835",
}


def _favicon(request: HttpRequest) -> str:
    return static("favicon.svg")


def _script(request: HttpRequest) -> str:
    return static("panel.js")


def _styles(request: HttpRequest) -> str:
    return static("panel.css")


def _page(title: str, icon: str, address: str) -> dict[str, Any]:
    return {"title": title, "icon": icon, "link": reverse_lazy(address)}


def _elsewhere(title: str, icon: str, address: str) -> dict[str, Any]:
    """A link out of the panel; it is never the page one is on."""
    return _page(title, icon, address) | {"active": lambda request: False}


UNFOLD: dict[str, Any] = {
    "SITE_TITLE": "Inspector",
    "SITE_HEADER": "Inspector",
    "SITE_SUBHEADER": "Admin panel",
    "SITE_URL": "/",
    "SITE_SYMBOL": "frame_inspect",
    "SITE_FAVICONS": [{"rel": "icon", "type": "image/svg+xml", "href": _favicon}],
    "COLORS": {"primary": ACCENT},
    "STYLES": [_styles],
    "SCRIPTS": [_script],
    "ACCOUNT": {"navigation": [_page("Your account", "person", "accounts:account")]},
    "SHOW_HISTORY": False,  # the audit trail is the record
    "SIDEBAR": {
        "navigation": [
            {
                "title": "Parts",
                "items": [
                    _page("Categories", "category", "admin:categories_category_changelist"),
                    _page("Training runs", "model_training", "admin:training_trainingrun_changelist"),
                    _page("Model versions", "deployed_code", "admin:registry_modelversion_changelist"),
                    _page("Inspections", "frame_inspect", "admin:inspections_inspection_changelist"),
                ],
            },
            {
                "title": "People",
                "separator": True,
                "items": [
                    _page("People", "group", "admin:accounts_user_changelist"),
                    _page("API tokens", "key", "admin:accounts_apitoken_changelist"),
                    _page("Failed sign-ins", "lock_clock", "admin:accounts_failedsignin_changelist"),
                    _page("Audit trail", "history", "admin:core_event_changelist"),
                ],
            },
            {
                "separator": True,
                "items": [
                    _elsewhere("Health", "monitor_heart", "site:health"),
                    _elsewhere("Back to the site", "arrow_back", "site:home"),
                    _elsewhere("API documentation", "api", "api:docs"),
                ],
            },
        ],
    },
}
