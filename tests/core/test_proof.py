"""The audit trail is a chain: whoever changes, removes or adds an entry behind its back is found out."""

import json
import threading
import time
from contextlib import closing
from datetime import UTC, datetime
from io import StringIO
from uuid import UUID

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction

from inspector.categories.events import CategoryEvent
from inspector.core import health_checks, tasks
from inspector.core.events import record
from inspector.core.models import Chain, Event, Verification
from inspector.core.proof import form, seal, triggers, verify
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db(transaction=True)


def write(*names: str) -> list[Event]:
    written = []
    for name in names:
        with transaction.atomic():
            written.append(record(None, CategoryEvent.CREATED, name, slug=name.lower()))
    return written


def run(command: str, *arguments: str) -> str:
    out = StringIO()
    call_command(command, *map(str, arguments), stdout=out)
    return out.getvalue()


def tamper(sql: str, *values) -> None:
    """As somebody would who may do anything in the database."""
    with triggers.lifted(), connection.cursor() as cursor:
        cursor.execute(sql, values)


# --- One chain -------------------------------------------------------------------------------
def test_what_is_recorded_is_sealed_when_it_is_committed():
    write("Nut", "Bolt")
    first, second = Event.objects.order_by("pk").values(*form.COLUMNS, "position", "hash")
    assert (first["position"], second["position"]) == (1, 2)
    assert first["hash"] == form.hash_of(form.NOTHING, 1, first)
    assert second["hash"] == form.hash_of(first["hash"], 2, second)
    chain = Chain.objects.get()
    assert (chain.length, chain.head) == (2, second["hash"])


def test_a_deed_that_is_taken_back_leaves_no_gap():
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        record(None, CategoryEvent.CREATED, "Nut", slug="nut")
        raise ZeroDivisionError
    write("Bolt")
    assert verify.verify().position == 1


def test_a_deed_is_done_even_if_its_event_cannot_be_sealed_yet(monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(seal, "_append", lambda *models: 1 / 0)
        write("Nut")
    assert Event.objects.get().position is None
    tasks.sweep()
    assert Event.objects.get().position == 1


def test_eight_writers_make_one_chain():
    together, failed = threading.Barrier(8), []

    def go(writer: int) -> None:
        try:
            with closing(connection):
                together.wait(timeout=30)
                for number in range(12):
                    with transaction.atomic():
                        record(None, CategoryEvent.CREATED, f"{writer}-{number}", slug="x")
                        time.sleep(0.001 * (writer % 3))
        except Exception as problem:
            failed.append(problem)

    writers = [threading.Thread(target=go, args=(number,)) for number in range(8)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join(timeout=120)
    assert not failed
    positions = Event.objects.order_by("position").values_list("position", flat=True)
    assert list(positions) == list(range(1, 97)), "all are sealed by those who wrote them, without a gap"
    assert verify.verify().position == 96


def test_an_event_that_commits_late_follows_those_that_were_first():
    if connection.vendor == "sqlite":
        pytest.skip("one writes at a time")
    begun, go_on = threading.Event(), threading.Event()

    def late() -> None:
        with closing(connection), transaction.atomic():
            record(None, CategoryEvent.CREATED, "Late", slug="late")
            begun.set()
            go_on.wait(timeout=30)

    writer = threading.Thread(target=late)
    writer.start()
    begun.wait(timeout=30)
    started = time.monotonic()
    write("Early")
    assert time.monotonic() - started < 5, "a deed waits for nobody else's"
    go_on.set()
    writer.join(timeout=30)
    assert list(Event.objects.order_by("position").values_list("subject_name", flat=True)) == [
        "Early",
        "Late",
    ]
    assert verify.verify().position == 2


# --- The form of what is hashed --------------------------------------------------------------
def test_the_form_is_what_it_always_was():
    """The form of the first entry ever: if it changes, every existing chain is broken."""
    row = {
        "id": 7,
        "time": datetime(2026, 3, 1, 23, 30, tzinfo=UTC),
        "actor_id": None,
        "kind": "version.promoted",
        "subject_type": "version",
        "subject_id": 3,
        "category_id": 1,
        "subject_name": "Größe v3",
        "detail": {"b": [1.5, 1e16, -0.0, None], "a": {"ok": True}},
        "operation": UUID(int=5),
    }
    assert form.canonical(1, row) == (
        '{"category_id":1,"detail":{"a":{"ok":true},"b":[1.5,10000000000000000,0,null]},"id":7,'
        '"kind":"version.promoted","operation":"00000000-0000-0000-0000-000000000005","position":1,'
        '"subject_id":3,"subject_name":"Gr\\u00f6\\u00dfe v3","subject_type":"version",'
        '"time":"2026-03-01T23:30:00.000000Z"}'
    )
    assert (
        form.hash_of(form.NOTHING, 1, row)
        == "8377394a3561449a44ebc9dbe4f7051f48776099891219545495675e07a9b2b6"
    )


@pytest.mark.parametrize("value", [1e16, 1e300, 1e-7, -0.0, 0.1 + 0.2, 2.0, 2**60, "Größe", True, None])
def test_the_form_is_the_same_before_and_after_the_database(value):
    with transaction.atomic():
        event = record(
            None, CategoryEvent.CREATED, "Nut", slug="nut", value=value, more=[value, {"x": value}]
        )
        before = form.canonical(1, {name: getattr(event, name) for name in form.COLUMNS})
    assert form.canonical(1, Event.objects.values(*form.COLUMNS).get()) == before


# --- Triggers --------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE core_event SET subject_name = 'Screw'",
        "UPDATE core_event SET position = NULL",
        "DELETE FROM core_event",
        "TRUNCATE core_event CASCADE",
        "INSERT OR REPLACE INTO core_event (id, time, kind, subject_type, subject_name, detail, hash)"
        " SELECT id, time, kind, subject_type, 'Screw', detail, '' FROM core_event",
    ],
)
def test_the_database_refuses_to_change_what_is_sealed(sql):
    of = {"TRUNCATE": "postgresql", "INSERT": "sqlite"}.get(sql.split()[0], connection.vendor)
    if of != connection.vendor:
        pytest.skip("the other database's")
    write("Nut")
    with pytest.raises(IntegrityError, match="cannot be changed or deleted"), connection.cursor() as cursor:
        cursor.execute(sql)
    assert Event.objects.get().subject_name == "Nut"


def test_triggers_are_there_again_after_a_migration_made_the_table_anew():
    triggers.lift()
    call_command("migrate", verbosity=0)
    write("Nut")
    with pytest.raises(IntegrityError):
        Event.objects.all().delete()


def test_an_installation_can_still_be_emptied():
    write("Nut")
    call_command("flush", interactive=False, verbosity=0)
    assert not Event.objects.exists() and not Chain.objects.exists()
    write("Bolt")
    assert verify.verify().position == 1
    with pytest.raises(IntegrityError):
        Event.objects.all().delete()


# --- Finding the first broken link -----------------------------------------------------------
def test_a_whole_chain_is_told_of():
    written = write("Nut", "Bolt")
    told = run("verify_audit")
    assert "intact: 2 entries" in told
    assert f"Head: entry {written[1].pk}, {Chain.objects.get().head}" in told
    assert Verification.objects.get().finding == ""


def test_an_empty_trail_is_intact():
    assert "intact: 0 entries" in run("verify_audit")


@pytest.mark.parametrize(
    ("sql", "found"),
    [
        ("UPDATE core_event SET subject_name = 'Screw' WHERE id = {second}", "Entry {second} (position 2)"),
        ("UPDATE core_event SET detail = '{{}}' WHERE id = {third}", "Entry {third} (position 3)"),
        ("UPDATE core_event SET actor_id = {person} WHERE id = {first}", "Entry {first} (position 1)"),
        ("UPDATE core_event SET hash = 'x' WHERE id = {second}", "Entry {second} (position 2)"),
        ("DELETE FROM core_event WHERE id = {second}", "position 2 is missing, after entry {first}"),
        ("DELETE FROM core_event WHERE id >= {second}", "Entries 2 to 3 are missing, after entry {first}"),
        ("DELETE FROM core_event", "Entries 1 to 3 are missing, after the start"),
        ("UPDATE core_chain SET length = 2", "has 3 entries, but its head is noted at 2"),
        ("UPDATE core_chain SET head = 'x'", "not the one noted as the head"),
    ],
)
def test_the_first_broken_link_is_named(sql, found):
    first, second, third = write("Nut", "Bolt", "Pin")
    names = {"first": first.pk, "second": second.pk, "third": third.pk, "person": UserFactory.create().pk}
    tamper(sql.format(**names))
    with pytest.raises(CommandError) as broken:
        run("verify_audit")
    assert broken.value.returncode == 1
    assert found.format(**names) in str(broken.value)


def test_an_entry_whose_hash_was_made_to_fit_is_found_by_the_next_one():
    _, second, third = write("Nut", "Bolt", "Pin")
    row = Event.objects.values(*form.COLUMNS).get(pk=second.pk) | {"subject_name": "Screw"}
    fits = form.hash_of(Event.objects.get(position=1).hash, 2, row)
    tamper("UPDATE core_event SET subject_name = 'Screw', hash = %s WHERE id = %s", fits, second.pk)
    with pytest.raises(CommandError, match=f"Entry {third.pk} .* entry {second.pk}, the one before it"):
        run("verify_audit")


# --- The head, kept elsewhere ----------------------------------------------------------------
@pytest.fixture
def key(tmp_path):
    path = tmp_path / "key"
    path.write_text("0123456789abcdef" * 4)
    return path


def exported(tmp_path, *arguments):
    path = tmp_path / "head.json"
    path.write_text(run("audit_head", *arguments))
    return path


def test_a_head_is_in_the_chain_however_long_it_has_become(tmp_path, key):
    event = write("Nut", "Bolt")[-1]
    path = exported(tmp_path, "--sign", key)
    told = json.loads(path.read_text())
    assert (told["count"], told["id"], told["hash"]) == (2, event.pk, Chain.objects.get().head)
    write("Pin")
    assert "contains the head exported at" in run("verify_audit", "--head", path, "--key", key)


def test_a_chain_that_was_written_anew_lacks_the_head(tmp_path):
    _, second = write("Nut", "Bolt")
    path = exported(tmp_path)
    tamper("UPDATE core_event SET subject_name = 'Screw' WHERE id = %s", second.pk)
    tamper("UPDATE core_event SET position = NULL, hash = ''")
    tamper("DELETE FROM core_chain")
    assert "intact: 2 entries" in run("verify_audit"), "by itself it is"
    with pytest.raises(CommandError, match="rewritten"):
        run("verify_audit", "--head", path)
    tamper("DELETE FROM core_event WHERE id = %s", second.pk)
    tamper("UPDATE core_event SET position = NULL, hash = ''")
    tamper("DELETE FROM core_chain")
    with pytest.raises(CommandError, match="had 2 entries when its head was exported, and has fewer now"):
        run("verify_audit", "--head", path)


@pytest.mark.parametrize("harm", ["count", "other key", "unsigned"])
def test_a_head_that_was_made_up_is_told(tmp_path, key, harm):
    write("Nut")
    path = exported(tmp_path, *([] if harm == "unsigned" else ["--sign", key]))
    if harm == "count":
        path.write_text(path.read_text().replace('"count": 1', '"count": 2'))
    if harm == "other key":
        key.write_text("f" * 64)
    with pytest.raises(CommandError, match="not signed with this key"):
        run("verify_audit", "--head", path, "--key", key)


def test_files_that_are_no_head_and_no_key(tmp_path, key):
    with pytest.raises(CommandError, match="no sealed entries yet"):
        run("audit_head")
    write("Nut")
    for content in ("", "[]", "{}", '{"format": 1, "count": "x", "id": 1, "hash": ""}'):
        (tmp_path / "bad").write_text(content)
        with pytest.raises(CommandError, match="is not the head of an audit trail"):
            run("verify_audit", "--head", tmp_path / "bad")
    (tmp_path / "short").write_text("secret")
    for argument in ("short", "absent"):
        with pytest.raises(CommandError, match="The key"):
            run("audit_head", "--sign", tmp_path / argument)
    with pytest.raises(CommandError, match="cannot be read"):
        run("verify_audit", "--head", tmp_path / "absent")
    with pytest.raises(CommandError, match="--head"):
        run("verify_audit", "--key", key)


# --- Day by day ------------------------------------------------------------------------------
def test_the_sweep_verifies_once_a_day_a_part_at_a_time(monkeypatch):
    monkeypatch.setattr(verify, "IN_A_SWEEP", 2)
    write("Nut", "Bolt", "Pin")
    verify.sweep()
    assert (verify.last(), verify.under_way().reached) == (None, 2)
    verify.sweep()
    assert (verify.under_way(), verify.last().reached, verify.last().finding) == (None, 3, "")
    verify.sweep()
    assert Verification.objects.count() == 1
    Verification.objects.update(finished=verify.last().finished - verify.EVERY)
    tamper("UPDATE core_event SET kind = 'x' WHERE position = 3")
    verify.sweep()
    verify.sweep()
    assert verify.last().event_id == Event.objects.get(position=3).pk
    assert "Entry" in verify.last().finding


def test_a_backup_that_is_restored_keeps_the_chain_and_its_triggers(tmp_path):
    write("Nut", "Bolt")
    run("backup", tmp_path / "backup")
    head = exported(tmp_path)
    write("Pin")
    run("restore", tmp_path / "backup", "--replace")
    assert "intact: 2 entries" in run("verify_audit", "--head", head)
    with pytest.raises(IntegrityError):
        Event.objects.all().delete()
    write("Pin")
    assert verify.verify().position == 3


# --- The health of the installation ----------------------------------------------------------
@pytest.mark.parametrize("verified", [False, True])
def test_health_says_when_the_chain_is_broken(verified, django_assert_max_num_queries):
    write("Nut", "Bolt", "Ring")
    with django_assert_max_num_queries(6):
        assert not health_checks.audit_trail().ill
    tamper("UPDATE core_event SET subject_name = 'X' WHERE subject_name = 'Bolt'")
    if verified:  # and a newer entry is fine
        tasks.sweep()
    found = health_checks.audit_trail()
    assert found.ill and "does not fit its hash" in found.sentence
    assert (found.since is not None) == verified


def test_health_looks_at_the_newest_entries_and_goes_by_the_last_verification(monkeypatch):
    monkeypatch.setattr(health_checks, "LAST", 2)
    write("Nut", "Bolt", "Ring", "Pin")
    tamper("UPDATE core_event SET subject_name = 'X' WHERE subject_name = 'Nut'")
    assert not health_checks.audit_trail().ill
    tasks.sweep()
    assert health_checks.audit_trail().ill
    tamper("DELETE FROM core_event WHERE subject_name = 'Bolt'")
    Verification.objects.all().delete()
    assert "position 2 is missing" in health_checks.audit_trail().sentence
