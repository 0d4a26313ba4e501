import pytest
from django.db import DatabaseError

from inspector.core import files
from inspector.core.errors import Conflict, Refused
from inspector.core.jobs import State
from inspector.inspections.models import Batch, Inspection, Source
from inspector.inspections.submit import ANALYSE, submit
from tests.factories import BatchFactory, CategoryFactory, ModelVersionFactory
from tests.photos import ODD, REFUSED, photo, upload

pytestmark = pytest.mark.django_db


@pytest.fixture
def category():
    return ModelVersionFactory.create().category


@pytest.fixture
def send(category, person):
    def submit_these(*uploads, **changes):
        values = {"category": category, "uploads": uploads, "by": person(), "source": Source.WEB}
        return submit(**values | changes)

    return submit_these


def stored(media) -> list[str]:
    return [path.name for path in media.rglob("*") if path.is_file()]


def test_the_photo_is_kept_byte_for_byte_and_waits(send, category, person, media):
    content = photo(image_format="JPEG")
    submission = send(upload(content, "Teil.JPG"))
    (row,) = Inspection.objects.all()
    assert submission.inspections == [row] and submission.batch == row.batch
    assert (row.state, row.category, row.submitted_by) == (State.WAITING, category, person())
    assert (row.filename, row.width, row.height, row.bytes) == ("Teil.JPG", 64, 48, len(content))
    assert row.original.name.endswith("/original.jpg")
    assert (media / row.original.name).read_bytes() == content


def test_a_worker_is_nudged_only_when_the_rows_are_there(
    send, category, nudges, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        send(upload(), upload())
        assert nudges == []
    assert nudges == [(ANALYSE, (category.pk,))]


def test_bad_files_are_told_and_the_others_go_on(send):
    submission = send(*(upload(content, name) for name, content, _ in REFUSED.values()), upload())
    assert [r.code for r in submission.rejected] == [code for _, _, code in REFUSED.values()]
    assert len(submission.inspections) == Inspection.objects.count() == 1


def test_odd_photos_are_taken_with_a_note(send):
    submission = send(*(upload(content, name) for name, content in ODD.values()))
    assert not submission.rejected
    notes = {row.filename: row.note for row in submission.inspections}
    assert "CMYK" in notes["cmyk.jpg"] and notes["part.bmp"] == ""


def test_uploads_while_photos_wait_send_no_further_messages(
    send, category, nudges, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        for _ in range(3):
            send(upload(photo()))
    assert nudges == [(ANALYSE, (category.pk,))]
    # Tried before: it may wait for its turn for a while, and nobody comes for it.
    Inspection.objects.update(attempts=1)
    with django_capture_on_commit_callbacks(execute=True):
        send(upload(photo()))
    assert len(nudges) == 2


def test_when_every_file_is_bad_nothing_is_written(send, media, nudges):
    submission = send(upload(b""), upload(b"no image at all"))
    assert submission.batch is None and len(submission.rejected) == 2
    assert not Batch.objects.exists() and stored(media) == []


def test_the_same_photo_and_name_twice_are_two_inspections(send, media):
    submission = send(upload(), upload())
    assert len({row.original.name for row in submission.inspections}) == 2
    assert stored(media) == ["original.png", "original.png"]


def test_a_category_without_an_active_version_takes_nothing(send, media):
    with pytest.raises(Conflict) as refused:
        send(upload(), category=CategoryFactory.create(name="Gear"))
    assert refused.value.code == "no_active_version"
    assert "Gear" in refused.value.message and "Train it first" in refused.value.message
    assert stored(media) == []


def test_a_batch_goes_on(send):
    first = send(upload())
    second = send(upload(), batch=first.batch.pk)
    assert second.batch == first.batch and Batch.objects.count() == 1
    assert first.batch.inspections.count() == 2


def test_a_batch_of_somebody_else_or_of_another_category_takes_no_more(send, person, category):
    other_person = BatchFactory.create(category=category, submitted_by=person("Admin"))
    other_category = BatchFactory.create(submitted_by=person())
    for batch in (other_person.pk, other_category.pk, 10**30):
        with pytest.raises(Refused) as refused:
            send(upload(), batch=batch)
        assert refused.value.code == "wrong_batch"


def test_photos_of_parts_do_not_go_into_made_up_production(send, person, category, client_of, media):
    """It is removed some day, with all photos of its batches."""
    made_up = BatchFactory.create(category=category, submitted_by=person(), source=Source.DEMO)
    with pytest.raises(Refused, match="made-up production"):
        send(upload(), batch=made_up.pk)
    assert not stored(media) and not made_up.inspections.exists()
    page = client_of().get(f"/inspect/?batch={made_up.pk}")
    assert f'data-batch="{made_up.pk}"' not in page.text


def test_no_file_is_left_when_the_rows_cannot_be_written(send, media, monkeypatch):
    def broken(*args, **kwargs):
        raise DatabaseError("gone")

    monkeypatch.setattr(Inspection.objects, "bulk_create", broken)
    with pytest.raises(DatabaseError):
        send(upload(), upload())
    assert stored(media) == [] and not Batch.objects.exists()


def test_a_full_disk_is_told_and_leaves_nothing(send, media, monkeypatch):
    whole_store = files.store
    calls = []

    def full(name, content):
        calls.append(name)
        if len(calls) == 2:
            raise OSError(28, "No space left on device")
        return whole_store(name, content)

    monkeypatch.setattr(files, "store", full)
    with pytest.raises(Refused) as refused:
        send(upload(), upload())
    assert (refused.value.code, refused.value.status) == ("storage", 503)
    assert stored(media) == [] and not Inspection.objects.exists()
