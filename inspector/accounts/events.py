"""What happens to people and their API tokens, and how the audit trail puts it."""

from inspector.core.events import Detail, Kind, declare, subject_type


def _role(detail: Detail) -> str:
    former = detail.get("former")
    return f"From {former} to {detail['role']}" if former else f"Role: {detail['role']}"


def _described(detail: Detail) -> str:
    words = ", ".join(detail["changed"]).capitalize()
    return f"{words}: from {detail['former']} to {detail['username']}" if "former" in detail else words


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


subject_type("person", "accounts.User")


@declare
class AccountEvent(Kind):
    CREATED = "account.created", "Created account", _role
    ROLE_CHANGED = "account.role_changed", "Changed role", _role
    ACTIVATED = "account.activated", "Activated account"
    DEACTIVATED = "account.deactivated", "Deactivated account"
    DESCRIBED = "account.described", "Changed account", _described
    PASSWORD_SET = "account.password_set", "Set a user's password"
    PASSWORD_CHANGED = "account.password_changed", "Changed own password"
    TOKENS_ENDED = "token.ended", "API tokens ended", _ended
    TOKEN_CREATED = "token.created", "Created API token", _new_token
    TOKEN_REVOKED = "token.revoked", "Revoked API token", _token
    SIGNED_IN = "sign_in.succeeded", "Signed in", _from
    SIGN_IN_FAILED = "sign_in.failed", "Failed to sign in", _from
    SIGN_IN_PAUSED = "sign_in.paused", "Failed to sign in repeatedly", _pause
    PAUSE_LIFTED = "sign_in.pause_lifted", "Lifted a pause of sign-ins", _from
