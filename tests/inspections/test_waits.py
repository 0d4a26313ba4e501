# ruff: noqa: F811  # fixtures of another file
"""Where storage, database, memory or GPU have a fault, photos wait, say why, and go on after it."""

import errno
import os
import threading
from collections.abc import Callable, Iterator

import pytest
from django.db import InterfaceError, OperationalError

from detection import BadArtifact
from inspector.core import files, jobs, lanes, worker
from inspector.core.errors import Conflict, NoRoom
from inspector.core.heartbeat import Heartbeat
from inspector.core.jobs import State
from inspector.inspections import claimed_batch, hold, pictures
from inspector.inspections.models import Inspection, Source
from inspector.inspections.place import fault_of_place
from inspector.inspections.submit import submit
from inspector.inspections.sweep import sweep
from inspector.inspections.waiting import held
from tests.factories import ModelVersionFactory
from tests.inspections.test_analyse import (  # noqa: F401
    Judge,
    analyse,
    judge,
    picture_files,
    reload,
    send,
    states,
    time_passes,
    version,
)
from tests.photos import photo, upload

pytestmark = pytest.mark.django_db
WAITS = (State.WAITING, "")


@pytest.fixture
def storage(monkeypatch: pytest.MonkeyPatch) -> dict[str, BaseException]:
    """storage["read"] = an error: from now on reading meets it; likewise "store"."""
    broken: dict[str, BaseException] = {}

    def door(verb: str) -> Callable:
        whole = getattr(files, verb)

        def call(name, *more):
            for wanted in (verb, f"{verb} {name}"):
                if wanted in broken:
                    raise broken[wanted]
            return whole(name, *more)

        return call

    for verb in ("read", "store"):
        monkeypatch.setattr(files, verb, door(verb))
    return broken


class EndpointConnectionError(Exception):
    __module__ = "botocore.exceptions"


@pytest.mark.parametrize(
    ("verb", "error", "code"),
    [
        ("read", OSError(errno.EIO, "Input/output error"), "disk_error"),
        ("read", OSError(errno.ESTALE, "Stale file handle"), "storage_fault"),
        ("read", PermissionError(errno.EACCES, "Permission denied"), "not_permitted"),
        ("read", TimeoutError("timed out"), "storage_fault"),
        ("read", EndpointConnectionError("no route"), "storage_away"),
        ("read", MemoryError(), "out_of_memory"),
        ("store", NoRoom("disk_full", "The disk of media is full."), "disk_full"),
        ("store", OSError(errno.ENOSPC, "No space left on device"), "disk_full"),
    ],
)
def test_a_fault_of_the_place_costs_no_try(send, version, judge, storage, verb, error, code, settings):
    rows = send(*(photo(n) for n in range(5)))
    storage[verb] = error
    for _ in range(settings.MAX_ATTEMPTS + 2):
        assert analyse(version) == 0
        assert {(row.state, row.attempts, row.wait_code) for row in reload(rows)} == {
            (State.WAITING, 0, code)
        }
        time_passes()
    found = held()
    assert found.number == 5 and found.message == reload(rows)[0].wait_message
    assert found.since in {row.wait_since for row in reload(rows)}
    storage.clear()
    assert analyse(version) == 5
    assert states(rows) == [(State.DONE, "OK")] * 5
    assert held() is None
    assert {(row.attempts, row.waits, row.wait_until, row.wait_code) for row in reload(rows)} == {
        (1, 0, None, "")
    }


def test_what_waits_is_not_tried_before_its_time(
    send, version, judge, storage, nudges, django_capture_on_commit_callbacks
):
    rows = send(photo(), photo(1))
    storage["read"] = OSError(errno.EIO, "Input/output error")
    analyse(version)
    nudges.clear()
    storage.clear()
    assert analyse(version) == 0 and sweep() == 0 and nudges == []
    with django_capture_on_commit_callbacks(execute=True):
        (more,) = send(photo(2))
    assert nudges, "photos sent meanwhile try the place at once"
    nudges.clear()
    assert analyse(version) >= 1, "and with the first that passes the others come back"
    assert (hold.ANALYSE, (version.category_id,)) in nudges
    analyse(version)
    assert states([*rows, more]) == [(State.DONE, "OK")] * 3


def test_photos_of_other_categories_come_back_too(send, version, judge, storage, person):
    rows = send()
    storage["read"] = OSError(errno.EIO, "Input/output error")
    analyse(version)
    storage.clear()
    other = ModelVersionFactory.create()
    Inspection.objects.filter(pk=rows[0].pk).update(category=other.category)
    send(photo(3))
    analyse(version)
    assert analyse(other) == 1


def test_one_photo_at_odds_with_the_storage_keeps_a_pace_of_its_own(send, version, judge, storage):
    rows = send(*(photo(n) for n in range(4)))
    storage[f"read {rows[1].original.name}"] = OSError(errno.EIO, "Input/output error")
    assert analyse(version) == 3, "the others go on"
    odd = reload(rows)[1]
    assert (odd.state, odd.waits) == (State.WAITING, 1) and odd.wait_alone
    pauses = []
    for _ in range(4):
        time_passes()
        send(photo(9))
        analyse(version)
        odd.refresh_from_db()
        pauses.append(round((odd.wait_until - odd.started).total_seconds(), -1))
    assert pauses == [0, 10, 60, 300], "whatever passes beside it"
    assert odd.attempts == 0


def test_a_photo_that_is_gone_fails_and_storage_that_is_gone_does_not(send, version, judge, media):
    rows = send(photo(), photo(1))
    (media / "inspections").rename(media / "away")
    analyse(version)
    assert states(rows) == [WAITS] * 2
    (media / "away").rename(media / "inspections")
    files.delete([rows[0].original.name])
    time_passes()
    analyse(version)
    assert states(rows) == [(State.FAILED, "photo_missing"), (State.DONE, "OK")]


@pytest.mark.parametrize("kind", ["pipe", "folder"])
def test_what_is_no_file_holds_nothing_up_and_fails_no_photo(send, version, judge, media, kind):
    rows = send(photo(), photo(1))
    path = media / rows[0].original.name
    path.unlink()
    os.mkfifo(path) if kind == "pipe" else path.mkdir()
    assert analyse(version) == 1
    assert states(rows) == [WAITS, (State.DONE, "OK")]
    assert Inspection.objects.get(pk=rows[0].pk).wait_code == "not_a_file"
    with pytest.raises(files.NotAFile), files.local_copy(rows[0].original.name):
        pass
    path.unlink() if kind == "pipe" else path.rmdir()
    path.write_bytes(photo())
    time_passes()
    analyse(version)
    assert states(rows) == [(State.DONE, "OK")] * 2


def test_a_model_that_cannot_be_read_is_not_damaged(send, version, monkeypatch):
    def unreadable(version):
        raise BadArtifact("incomplete") from OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(claimed_batch, "detector", unreadable)
    rows = send()
    analyse(version)
    assert states(rows) == [WAITS] and reload(rows)[0].wait_code == "disk_error"


@pytest.mark.parametrize("error", [OperationalError("gone"), InterfaceError("closed")])
def test_the_database_is_a_place_too(error):
    assert fault_of_place(error).code == "database_away"
    assert fault_of_place(ValueError("wrong shape")) is None


def test_a_gpu_out_of_memory_costs_no_try(send, version, judge):
    def full() -> None:
        raise RuntimeError("CUDA out of memory. Tried to allocate 2 GiB")

    judge.before_answer = full
    rows = send(photo(), photo(1))
    analyse(version)
    assert {(row.attempts, row.wait_code) for row in reload(rows)} == {(0, "gpu_out_of_memory")}


def test_a_person_need_not_wait(send, version, judge, storage, person, nudges):
    (row,) = send()
    storage["read"] = OSError(errno.EIO, "Input/output error")
    analyse(version)
    storage.clear()
    nudges.clear()
    hold.try_now(reload([row])[0], by=person())
    assert nudges == [(hold.ANALYSE, (version.category_id,))]
    assert analyse(version) == 1
    with pytest.raises(Conflict):
        hold.try_now(reload([row])[0], by=person())


def test_pages_and_api_say_why_it_waits(send, version, judge, storage, client_of, api_of, nudges):
    (row,) = send()
    storage["read"] = OSError(errno.EIO, "Input/output error")
    analyse(version)
    for address in (f"/inspections/{row.pk}/", f"/inspect/batches/{row.batch_id}/"):
        page = client_of("QA manager").get(address).text
        assert "The disk reports a read or write error. Check the disk." in page
        assert "next try" in page and "Nothing is lost." in page and "Try now" in page
    told = api_of().get(f"/api/inspections/{row.pk}/").json()
    assert told["state"] == "waiting" and told["error"] is None
    assert told["wait"]["code"] == "disk_error" and told["wait"]["next_try"] > told["wait"]["tried"]
    answer = api_of("QA manager").post(f"/api/inspections/{row.pk}/try-now/")
    assert answer.status_code == 202 and nudges[-1] == (hold.ANALYSE, (version.category_id,))
    storage.clear()
    analyse(version)
    assert api_of().get(f"/api/inspections/{row.pk}/").json()["wait"] is None
    address = f"/inspections/{row.pk}/try-now/"
    assert client_of("QA manager").post(address, headers={"HX-Request": "true"}).status_code == 409


# --- What hangs ------------------------------------------------------------------------------
@pytest.fixture
def hang() -> Iterator[threading.Event]:
    """What waits for it hangs until the test is over."""
    event = threading.Event()
    yield event
    event.set()


def test_a_read_that_hangs_holds_no_other_photo(send, version, judge, monkeypatch, settings, hang):
    settings.READ_SECONDS = 0.3
    rows = send(*(photo(n) for n in range(6)))
    whole, hung = files.read, rows[1].original.name
    monkeypatch.setattr(files, "read", lambda name: hang.wait() and b"" if name == hung else whole(name))
    assert analyse(version) == 5
    assert states(rows)[1] == WAITS
    odd = reload(rows)[1]
    assert (odd.wait_code, odd.claim, odd.attempts) == ("storage_silent", None, 0)
    assert lanes.stuck() == 1


def test_storage_that_hangs_stops_the_line(send, version, judge, monkeypatch, settings, hang):
    settings.READ_SECONDS = 0.3
    rows = send(*(photo(n) for n in range(12)))
    read: list[str] = []
    monkeypatch.setattr(files, "read", lambda name: read.append(name) or hang.wait())
    assert analyse(version) == 0
    assert {(row.state, row.wait_code) for row in reload(rows)} == {(State.WAITING, "storage_silent")}
    assert len(read) < len(rows), "it is not tried once for each"


def test_pictures_that_cannot_be_written_in_time(send, version, judge, monkeypatch, settings, hang, media):
    settings.READ_SECONDS = 0.3
    rows = send()
    written, whole = threading.Event(), pictures.draw

    def late(*about):
        hang.wait()
        try:
            return whole(*about)
        finally:
            written.set()

    monkeypatch.setattr(pictures, "draw", late)
    assert analyse(version) == 0
    assert states(rows) == [WAITS]
    hang.set()
    assert written.wait(10)
    for thread in threading.enumerate():
        if thread.name == "pictures":
            thread.join(10)
    assert picture_files(media) == [], "what was written too late is not left behind"


@pytest.mark.django_db(transaction=True)
def test_a_model_that_hangs_is_let_go_of(send, version, judge, settings, hang, monkeypatch):
    settings.JUDGE_SECONDS, settings.LEASE_SECONDS = 1, 3
    given_back = threading.Event()
    monkeypatch.setattr(worker, "replace", lambda reason: given_back.set())
    judge.before_answer = lambda: given_back.wait(20)
    rows = send(photo(), photo(1))
    assert analyse(version) == 0, "what it answers at last is not written"
    assert {(row.state, row.attempts) for row in reload(rows)} == {(State.WAITING, 1)}
    time_passes()
    judge.before_answer = lambda: None
    assert analyse(version) == 2


def test_a_lease_is_not_renewed_for_what_hangs(send, version, settings):
    settings.LEASE_SECONDS = 2
    send()
    claim = jobs.claim(Inspection.objects.all(), 1)
    before = Inspection.objects.get(pk=claim.ids[0]).lease_until
    let_go = threading.Event()
    with Heartbeat(Inspection, lambda step: let_go.set()) as heartbeat:
        heartbeat.tokens.add(claim.token)
        heartbeat.expect("judge", 0)
        assert let_go.wait(10)
    assert Inspection.objects.get(pk=claim.ids[0]).lease_until == before


# --- What is too large -----------------------------------------------------------------------
LARGE = photo(7, size=(320, 240))


@pytest.fixture
def small_memory(judge, monkeypatch) -> None:
    """The judge has no memory for photos as large as LARGE, nor for more than four at once."""
    whole = judge.predict

    def predict(images):
        if len(images) > 4 or any(image.width > 200 for image in images):
            raise RuntimeError("CUDA out of memory. Tried to allocate 2 GiB")
        return whole(images)

    monkeypatch.setattr(judge, "predict", predict)


def test_too_many_for_the_memory_at_once_are_judged_one_by_one(send, version, small_memory):
    rows = send(*(photo(n) for n in range(6)))
    assert analyse(version) == 6
    assert states(rows) == [(State.DONE, "OK")] * 6


@pytest.mark.parametrize("where", ["judge", "read"])
def test_a_photo_too_large_for_the_memory_fails_after_others_passed(
    send, version, small_memory, storage, where
):
    rows = send(photo(), LARGE, photo(1))
    if where == "read":
        storage[f"read {rows[1].original.name}"] = MemoryError()
    assert analyse(version) == 2
    for tries in range(3):
        row = reload(rows)[1]
        assert (row.state, row.attempts, row.waits) == (State.WAITING, 0, tries + 1)
        time_passes()
        send(photo(9))
        analyse(version)
    row = reload(rows)[1]
    assert row.state == State.FAILED and row.error_code.endswith("out_of_memory")
    assert "the photo or the category's model is too large for this machine" in row.error_message
    assert "in 3 tries" in row.error_message and not row.wait_alone and row.wait_until is None


def test_as_long_as_nothing_passes_a_lack_of_memory_is_the_machines(send, version, small_memory):
    (row,) = send(LARGE)
    for _ in range(9):
        analyse(version)
        time_passes()
    assert states([row]) == [WAITS]
    # Others passed once, and then no more: the machine is out of memory, not the photo too large.
    other = send(photo())
    analyse(version)
    for _ in range(9):
        time_passes()
        analyse(version)
    assert states([row, *other]) == [WAITS, (State.DONE, "OK")]


def test_a_model_too_large_for_the_memory_fails_photos_while_other_categories_are_judged(
    send, version, judge, person, monkeypatch
):
    def load(wanted):
        if wanted == version:
            raise BadArtifact("unreadable") from MemoryError()
        return judge

    monkeypatch.setattr(claimed_batch, "detector", load)
    rows, other = send(photo(), photo(1)), ModelVersionFactory.create()
    for n in range(12):
        send_to(other, person(), n)
        time_passes()
        analyse(other)
        analyse(version)
    assert states(rows) == [(State.FAILED, "out_of_memory")] * 2


def send_to(version, by, n):
    submit(category=version.category, uploads=[upload(photo(n))], by=by, source=Source.API)
