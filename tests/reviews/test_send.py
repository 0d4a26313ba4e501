"""Decided photos among the samples: where they go, duplicates, who sent them, and how many are new."""

import hashlib
from uuid import uuid4

import pytest
from django.urls import reverse
from django.utils import timezone

from inspector.categories.models import Category
from inspector.core import files
from inspector.core.models import Event
from inspector.reviews import send
from inspector.reviews.decide import Finding, decide, decide_many
from inspector.reviews.decided import new_since
from inspector.reviews.models import SentSample
from inspector.reviews.send import send_to_samples
from inspector.samples.models import Sample
from tests.factories import BatchFactory, CategoryFactory, InspectionFactory, ModelVersionFactory
from tests.photos import photo
from tests.role_table import ALL, answers

pytestmark = pytest.mark.django_db


@pytest.fixture
def version():
    return ModelVersionFactory.create(category=CategoryFactory.create(slug="nut", name="Nut"), number=3)


@pytest.fixture
def rows(version):
    """Three judged photos with their files, and one that is the same file as the first."""
    batch = BatchFactory.create(category=version.category)
    made = []
    for n, seed in enumerate((1, 2, 3, 1)):
        content = photo(seed)
        row = InspectionFactory.create(
            judged=True, batch=batch, version=version, original=f"inspections/{n}.png", filename=f"{n}.png"
        )
        row.original = files.store(f"inspections/{n}.png", content)
        row.sha256 = hashlib.sha256(content).hexdigest()
        row.save()
        made.append(row)
    return made


@pytest.fixture
def qa(person):
    return person("QA manager")


def test_good_ones_teach_and_defective_ones_test(rows, qa):
    decide(rows[0], Finding("good"), by=qa)
    decide(rows[1], Finding("defective", "Scratch/dent"), by=qa)
    sent = send_to_samples(rows[:3], by=qa)
    places = set(Sample.objects.values_list("split", "label"))
    assert places == {("train", "good"), ("test", "Scratch dent")}
    assert [one.code for one in sent.refused] == ["not_decided"]
    assert sent.words == "2 sent to the samples, 1 refused."
    sample = Sample.objects.get(split="train")
    assert files.read(str(sample.image)) == photo(1) and sample.filename == "0.png"
    kept = SentSample.objects.get(inspection=rows[0])
    assert (kept.person, kept.sample) == (qa, sample)
    told = Event.objects.filter(kind="review.sent_to_samples").order_by("pk")
    assert [(event.actor, event.subject_id) for event in told] == [(qa, rows[0].pk), (qa, rows[1].pk)]


@pytest.mark.parametrize("name", ["Good?", "good!", "(good)"])
def test_a_defect_is_no_good_photo_whatever_its_type_is_called(rows, qa, name):
    decide(rows[0], Finding("defective", name), by=qa)
    send_to_samples(rows[:1], by=qa)
    assert Sample.objects.get().label == "defective"


def test_duplicates_are_told_and_stored_once(rows, qa):
    for row in (rows[0], rows[3]):
        decide(row, Finding("good"), by=qa)
    sent = send_to_samples([rows[0], rows[3]], by=qa)
    assert (len(sent.samples), sent.duplicates, Sample.objects.count()) == (1, [rows[3]], 1)
    assert send_to_samples([rows[0]], by=qa).words == "0 sent to the samples, 1 already there."


def test_a_photo_that_teaches_does_not_test(rows, qa):
    decide(rows[0], Finding("good"), by=qa)
    send_to_samples([rows[0]], by=qa)
    decide(rows[3], Finding("defective"), by=qa)
    sent = send_to_samples([rows[3]], by=qa)
    assert "already in train/good" in sent.refused[0].message and Sample.objects.count() == 1


def test_what_is_decided_otherwise_since_is_told_before_it_teaches(rows, qa, client_of):
    decide(rows[0], Finding("good"), by=qa)
    send_to_samples([rows[0]], by=qa)
    browser, part = client_of("QA manager"), f"/inspections/{rows[0].pk}/reviews/"
    assert "contradicts" not in browser.get(part).content.decode()
    decide(rows[0], Finding("defective", "Scratch"), by=qa)
    assert "contradicts" in browser.get(part).content.decode()
    assert "decided differently since" in browser.get("/categories/nut/decided/new/").content.decode()
    page = browser.get("/categories/nut/decided/").content.decode()
    assert "training, good" in page and "now defective" in page
    Sample.objects.all().delete()
    assert "Decided differently" not in browser.get("/categories/nut/decided/").content.decode()


def test_a_category_archived_while_its_photo_is_read_takes_no_sample(rows, qa, monkeypatch):
    decide(rows[0], Finding("good"), by=qa)
    read = send._photo

    def archived_meanwhile(row):
        Category.objects.update(archived=timezone.now())
        return read(row)

    monkeypatch.setattr(send, "_photo", archived_meanwhile)
    sent = send_to_samples([rows[0]], by=qa)
    assert [one.code for one in sent.refused] == ["archived"]
    assert not Sample.objects.exists() and not SentSample.objects.exists()


@pytest.mark.parametrize("decision", ["good", "defective"])
def test_nothing_is_sent_by_what_was_decided_before(rows, qa, monkeypatch, decision):
    """Another person decides, or sends the same photo from elsewhere, while this one is read."""
    decide(rows[0], Finding("good"), by=qa)
    decide(rows[3], Finding("defective"), by=qa)
    read = send._photo

    def slowly(row):
        monkeypatch.setattr(send, "_photo", read)
        if decision == "defective":
            decide(row, Finding(decision), by=qa)
        else:
            send_to_samples([rows[3]], by=qa)
        return read(row)

    monkeypatch.setattr(send, "_photo", slowly)
    sent = send_to_samples([rows[0]], by=qa)
    assert [one.code for one in sent.refused] == [
        "decided_meanwhile" if decision == "defective" else "elsewhere"
    ]
    assert not Sample.objects.filter(split="train").exists()


def test_one_that_is_removed_while_others_are_sent_stops_none_of_them(rows, qa, monkeypatch):
    """Which ones are there was read before the first."""
    decide_many([row.pk for row in rows[:3]], Finding("good"), by=qa, operation=uuid4())
    send_to_samples(rows[1:2], by=qa)
    real = send._photo

    def removed_first(row):
        Sample.objects.filter(sha256=rows[1].sha256).delete()
        return real(row)

    monkeypatch.setattr(send, "_photo", removed_first)
    sent = send_to_samples(rows[:3], by=qa)
    assert [one.code for one in sent.refused] == ["removed_meanwhile"]
    assert {one.filename for one in sent.samples} == {"0.png", "2.png"}


def test_a_lost_file_and_an_archived_category_are_told(rows, qa):
    for row in rows[:2]:
        decide(row, Finding("good"), by=qa)
    files.delete([str(rows[0].original)])
    sent = send_to_samples(rows[:2], by=qa)
    assert [one.code for one in sent.refused] == ["photo_away"] and len(sent.samples) == 1
    rows[1].category.archived = timezone.now()
    rows[1].category.save()
    assert [one.code for one in send_to_samples([rows[1]], by=qa).refused] == ["archived"]


def test_the_category_says_how_many_are_new(rows, qa, version, client_of):
    assert new_since(version.category, version).n == 0
    for row in rows[:3]:
        decide(row, Finding("good"), by=qa)
    assert new_since(version.category, version).n == 3
    part = "/categories/nut/decided/new/"
    page = client_of("QA manager").get(part).content.decode()
    assert "3 decided photos are" in page and "new since v3 was trained" in page
    assert part in client_of("QA manager").get("/categories/nut/").content.decode()
    assert part not in client_of("Inspector").get("/categories/nut/").content.decode()
    assert client_of("Inspector").get(part).status_code == 403
    version.created = timezone.now()
    version.save()
    assert new_since(version.category, version).n == 0


def test_one_or_many_from_the_pages(rows, qa, client_of):
    browser, send = client_of("QA manager"), reverse("reviews:to-samples")
    operation = uuid4()
    decide_many([row.pk for row in rows[:2]], Finding("good"), by=qa, operation=operation)
    assert answers(client_of, "/categories/nut/decided/") == ALL | {"Inspector": 403}
    assert "0.png" in browser.get("/categories/nut/decided/").content.decode()
    assert "Send to the samples" in browser.get(f"/inspections/{rows[0].pk}/reviews/").content.decode()
    assert "Send to the samples" in browser.get(f"/review/grid/?undo={operation}").content.decode()
    answer = browser.post(send, {"operation": str(operation), "next": "/review/grid/"}, follow=True)
    assert answer.redirect_chain == [("/review/grid/", 302)]
    assert "2 sent to the samples." in answer.content.decode()
    assert "Nothing to send" in browser.get("/categories/nut/decided/").content.decode()
    part = browser.get(f"/inspections/{rows[0].pk}/reviews/").content.decode()
    assert "Sent by qa-manager" in part and "training, good" in part
    assert "Select the photos first" in browser.post(send, {}, follow=True).content.decode()
    away = browser.post(send, {"ids": rows[0].pk, "next": "//elsewhere.example/"})
    assert away["Location"] == "/review/"
    assert client_of("Inspector").post(send, {"ids": rows[0].pk}).status_code == 403


def test_the_api(rows, qa, api_of):
    decide(rows[0], Finding("good"), by=qa)
    sent = {"inspections": [row.pk for row in rows[:2]] + [999_999]}
    answer = api_of("QA manager").post("/api/reviews/to-samples/", sent, format="json").json()
    assert answer["sent"] == [Sample.objects.get().pk] and answer["duplicates"] == []
    assert [one["code"] for one in answer["refused"]] == ["not_decided"]
    assert api_of("Inspector").post("/api/reviews/to-samples/", sent, format="json").status_code == 403


def test_many_from_the_history(rows, qa, client_of):
    decide(rows[0], Finding("good"), by=qa)
    decide(rows[1], Finding("unsure"), by=qa)
    for layout in ("list", "grid"):
        page = client_of("QA manager").get(f"/history/?layout={layout}").content.decode()
        assert f'id="tick-{rows[0].pk}"' in page
        assert f'id="tick-{rows[1].pk}"' not in page and f'id="tick-{rows[2].pk}"' not in page
    assert 'form="to-samples"' not in client_of("Inspector").get("/history/?sort=time").content.decode()
    sent = {"ids": [rows[0].pk], "next": "/history/?verdict=ANOMALY"}
    answer = client_of("QA manager").post(reverse("reviews:to-samples"), sent, follow=True)
    assert answer.redirect_chain == [("/history/?verdict=ANOMALY", 302)]
    assert "1 sent to the samples." in answer.content.decode()
