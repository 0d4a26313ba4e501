"""What inspections add to the health of the installation."""

from inspector.core.health.checks import Check, Finding, register
from inspector.core.templatetags.figures import duration
from inspector.inspections.waiting import held, oldest_waiting

# At four photos a second this is a backlog of more than a thousand a worker.
LONG_SECONDS = 300.0


def queue() -> Finding:
    oldest = oldest_waiting()
    if oldest is None:
        return Finding("No photo waits.")
    age = max(0.0, oldest.age.total_seconds())
    if age <= LONG_SECONDS:
        return Finding(f"The oldest has waited {duration(age)}.")
    return Finding(
        f"The oldest has waited {duration(age)}.",
        ill=True,
        remedy="If inspect workers are running, they cannot keep up: start more of them.",
        see="photos-stay-at-waiting",
        since=oldest.created,
    )


def held_back() -> Finding:
    """Photos that cannot be judged for a fault of the storage, the network or the machine."""
    photos = held()
    if photos is None:
        return Finding("No photo waits for a fault to be repaired.")
    noun = "photo is" if photos.number == 1 else "photos are"
    return Finding(
        f"{photos.number:,} {noun} held back. {photos.message}",
        ill=True,
        remedy="Repair that. They are tried again automatically, within half an hour.",
        see="photos-stay-at-waiting",
        since=photos.since,
    )


register(Check("queue", "Waiting photos", queue))
register(Check("held", "Photos held back", held_back))
