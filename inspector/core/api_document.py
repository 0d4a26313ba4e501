"""What the OpenAPI document says of itself and of what all endpoints share."""

from inspector.core.numbers import ID_SCHEMA

SPECTACULAR_SETTINGS = {
    "TITLE": "Inspector API",
    "DESCRIPTION": "Send photos of parts, read verdicts, retrain categories.",
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PERMISSIONS": ["rest_framework.permissions.IsAuthenticated"],
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
    "PATH_CONVERTER_OVERRIDES": {"id": ID_SCHEMA},
    "ENUM_NAME_OVERRIDES": {
        "InspectionState": "inspector.inspections.filters.STATES",
        "RunState": "inspector.core.jobs.State",
    },
}
