"""The head of the chain, to be kept elsewhere: a chain that was rewritten has another one.

It is signed with a key of one's own (HMAC-SHA256), so that a forged file differs from one that was
exported.
"""

import hmac
import json
from pathlib import Path
from typing import Any

from django.utils import timezone

from inspector.core.errors import Refused
from inspector.core.models import Event
from inspector.core.proof.verify import Broken, chain

FORMAT = 1
ALGORITHM = "HMAC-SHA256"
KEY_BYTES = 32  # at least


def head(key: bytes | None = None) -> dict[str, Any]:
    """As of now. Refused "empty_trail" where nothing is sealed yet."""
    noted = chain()
    last = Event.objects.filter(position=noted.length).first()
    if last is None:
        raise Refused("empty_trail", "The audit trail has no sealed entries yet: there is no head to export.")
    content: dict[str, Any] = {
        "format": FORMAT,
        "count": noted.length,
        "id": last.pk,
        "hash": noted.head,
        "time": last.time.isoformat(),
        "exported": timezone.now().isoformat(timespec="seconds"),
    }
    return (
        content | {"signature": {"algorithm": ALGORITHM, "value": _signed(content, key)}} if key else content
    )


def key_in(path: Path) -> bytes:
    """Refused "bad_key" for a file that cannot be read, or is too short to be a key."""
    try:
        key = path.read_bytes().strip()
    except OSError as problem:
        raise Refused("bad_key", f"The key {path} cannot be read: {problem.strerror}.") from None
    if len(key) < KEY_BYTES:
        raise Refused(
            "bad_key",
            f"The key {path} has {len(key)} bytes and needs {KEY_BYTES} or more. Make one with: "
            f"openssl rand -hex {KEY_BYTES} > {path}",
        )
    return key


def head_in(path: Path) -> dict[str, Any]:
    """A head that was exported. Refused "bad_head"."""
    try:
        exported = json.loads(path.read_text())
        if not isinstance(exported, dict) or exported.get("format") != FORMAT:
            raise ValueError(f"its format is not {FORMAT}")
        int(exported["count"]), int(exported["id"]), str(exported["hash"])
    except OSError as problem:
        raise Refused("bad_head", f"{path} cannot be read: {problem.strerror}.") from None
    except (ValueError, KeyError, TypeError) as problem:
        raise Refused("bad_head", f"{path} is not the head of an audit trail ({problem}).") from None
    return exported


def require_contained(exported: dict[str, Any], key: bytes | None) -> None:
    """Broken, where the chain no longer contains this head; Refused "bad_signature"."""
    if key:
        _require_signed(exported, key)
    row = Event.objects.filter(position=exported["count"]).values("id", "hash").first()
    if row is None:
        raise Broken(
            f"The chain had {exported['count']:,} entries when its head was exported, and has fewer now."
        )
    if (row["id"], row["hash"]) != (exported["id"], exported["hash"]):
        raise Broken(
            f"The entry at position {exported['count']:,} is not the one whose head was exported: the "
            "chain was rewritten.",
            row["id"],
        )


def _require_signed(exported: dict[str, Any], key: bytes) -> None:
    signature = exported.get("signature") or {}
    content = {name: value for name, value in exported.items() if name != "signature"}
    if not hmac.compare_digest(str(signature.get("value", "")), _signed(content, key)):
        raise Refused("bad_signature", "The head is not signed with this key, or was changed since.")


def _signed(content: dict[str, Any], key: bytes) -> str:
    text = json.dumps(content, sort_keys=True, separators=(",", ":"))
    return hmac.digest(key, text.encode(), "sha256").hex()
