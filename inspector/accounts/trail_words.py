"""How the audit trail tells of people and API tokens."""

from inspector.core.trail import Detail, describe


def _role(detail: Detail) -> str:
    former = detail.get("former")
    return f"From {former} to {detail['role']}" if former else f"Role: {detail['role']}"


def _token(detail: Detail) -> str:
    return f"Begins with {detail['starts_with'][:8]}…"


describe("create account", "Created account", _role)
describe("change role", "Changed role", _role)
describe("activate account", "Activated account")
describe("deactivate account", "Deactivated account")
describe("set password", "Set a user's password")
describe("change password", "Changed own password")
describe("create token", "Created API token", _token)
describe("revoke token", "Revoked API token", _token)
