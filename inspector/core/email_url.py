"""EMAIL_URL as Django's settings of mail."""

from typing import Any
from urllib.parse import unquote, urlsplit

SMTP = "django.core.mail.backends.smtp.EmailBackend"
NOWHERE = "django.core.mail.backends.dummy.EmailBackend"
PORTS = {"smtp": 25, "smtp+tls": 587, "smtp+ssl": 465}


def mail(url: str) -> dict[str, Any]:
    """`smtp+tls://USER:PASSWORD@HOST[:PORT]`; `smtp+ssl` for TLS from the first byte, `smtp` for none.

    Without an address mail goes nowhere.
    """
    if not url:
        return {"EMAIL_BACKEND": NOWHERE}
    parts = urlsplit(url)
    if parts.scheme not in PORTS or not parts.hostname:
        raise ValueError(
            "EMAIL_URL must look like smtp+tls://USER:PASSWORD@HOST:587 (or smtp+ssl://, or smtp://)"
        )
    return {
        "EMAIL_BACKEND": SMTP,
        "EMAIL_HOST": parts.hostname,
        "EMAIL_PORT": parts.port or PORTS[parts.scheme],
        "EMAIL_HOST_USER": unquote(parts.username or ""),
        "EMAIL_HOST_PASSWORD": unquote(parts.password or ""),
        "EMAIL_USE_TLS": parts.scheme == "smtp+tls",
        "EMAIL_USE_SSL": parts.scheme == "smtp+ssl",
    }
