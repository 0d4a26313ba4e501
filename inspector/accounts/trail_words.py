"""How the audit trail tells of people and API tokens."""

from inspector.core.trail import Detail, describe


def _role(detail: Detail) -> str:
    former = detail.get("former")
    return f"From {former} to {detail['role']}" if former else f"Role: {detail['role']}"


def _token(detail: Detail) -> str:
    name = f"{detail['name']}: begins" if detail.get("name") else "Begins"
    return f"{name} with {detail['starts_with'][:8]}…"


def _new_token(detail: Detail) -> str:
    if "days" not in detail:
        return _token(detail)
    return f"{_token(detail)}, for {detail['days']} days" if detail["days"] else f"{_token(detail)}, for ever"


def _ended(detail: Detail) -> str:
    count = "1 token" if detail["tokens"] == 1 else f"{detail['tokens']} tokens"
    return f"{count}: {detail['because']}"


def _from(detail: Detail) -> str:
    door = f"{detail['door']}, from" if detail.get("door") else "From"
    return f"{door} {detail['address']}"


def _pause(detail: Detail) -> str:
    minutes = "1 minute" if detail["minutes"] == 1 else f"{detail['minutes']} minutes"
    return f"From {detail['address']}: {detail['failures']} failed in a row, then a pause of {minutes}"


describe("create account", "Created account", _role)
describe("change role", "Changed role", _role)
describe("activate account", "Activated account")
describe("deactivate account", "Deactivated account")
describe("set password", "Set a user's password")
describe("change password", "Changed own password")
describe("end tokens", "API tokens ended", _ended)
describe("create token", "Created API token", _new_token)
describe("revoke token", "Revoked API token", _token)
describe("sign in", "Signed in", _from)
describe("fail to sign in", "Failed to sign in", _from)
describe("pause sign-in", "Failed to sign in again and again", _pause)
describe("lift sign-in pause", "Lifted a pause of sign-ins", _from)
