"""Photos sent twice under one key are accepted once: a client that was cut off may simply send again."""

import hashlib
from dataclasses import asdict
from datetime import timedelta
from typing import Any

from inspector.core import clock
from inspector.core.errors import Refused
from inspector.core.events import Who
from inspector.core.uploads import Accepted, Rejected
from inspector.inspections.models import KEY_LENGTH, Batch, Inspection, SentKey
from inspector.inspections.parts import UNKNOWN, Part

KEY_HEADER, REPLAY_HEADER = "Idempotency-Key", "Idempotent-Replay"
# At least a day, whatever the hour at which the old ones are removed.
KEPT = timedelta(hours=48)


def check(key: str) -> str:
    """Check a key; raises Refused "bad_key"."""
    if len(key) > KEY_LENGTH or not key.isascii() or not key.isprintable():
        raise Refused("bad_key", f"Use at most {KEY_LENGTH} printable ASCII characters as Idempotency-Key.")
    return key


def digest(category_id: int, accepted: list[Accepted], rejected: list[Rejected], part: Part = UNKNOWN) -> str:
    """Of what is sent: the category, the files in their order, and which part it is, where that is said."""
    files = [f"{photo.filename}\0{photo.sha256}" for photo in accepted]
    refused = [f"{file.filename}\0{file.code}" for file in rejected]
    said = [f"{name}\0{value}" for name, value in part.flat().items()]
    lines = [str(category_id), *files, "", *refused, *(["", *said] if said else [])]
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def sent(by: Who, key: str, digest: str) -> SentKey | None:
    """What this person sent under the key before. Raises Refused "key_reused" where it was something else."""
    kept = SentKey.objects.select_related("batch__category")
    sent_before = kept.filter(person=by, key=key).first() if key else None
    if sent_before and sent_before.digest != digest:
        raise Refused(
            "key_reused",
            "This Idempotency-Key was used for other photos or another category. Send these under a new key.",
            status=422,
        )
    return sent_before


def answer(kept: SentKey) -> tuple[Batch, list[Inspection], list[Rejected]]:
    """What was answered then."""
    rows = Inspection.objects.select_related("category", "submitted_by", "version").in_bulk(kept.inspections)
    inspections = [rows[pk] for pk in kept.inspections if pk in rows]
    return kept.batch, inspections, [Rejected(**one) for one in kept.rejected]


def keep(
    by: Who, key: str, digest: str, batch: Batch, inspections: list[Inspection], rejected: list[Rejected]
) -> None:
    """In the transaction that writes the photos. Raises IntegrityError when another request was faster."""
    answered: dict[str, Any] = {
        "inspections": [row.pk for row in inspections],
        "rejected": [asdict(file) for file in rejected],
    }
    SentKey.objects.create(person=by, key=key, digest=digest, batch=batch, **answered)


def forget_old() -> None:
    SentKey.objects.filter(created__lt=clock.seconds_from_now(-KEPT.total_seconds())).delete()
