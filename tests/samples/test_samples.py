import pytest
from django.core.files.storage import default_storage

from inspector.core.errors import Refused
from inspector.samples.add_samples import add_samples
from inspector.samples.models import Sample
from inspector.samples.remove_samples import remove_samples
from inspector.samples.sample_store import SampleStore
from inspector.samples.selectors import counts, samples
from tests.factories import CategoryFactory
from tests.photos import REFUSED, photo, upload

pytestmark = pytest.mark.django_db


@pytest.fixture
def category():
    return CategoryFactory.create(slug="nut")


def add(category, *contents, split="train", label="good"):
    uploads = [upload(content, f"{n}.png") for n, content in enumerate(contents)]
    return add_samples(category, uploads, split=split, label=label, by=None)


def test_photos_become_samples_stored_under_their_hash(category):
    added = add(category, photo(1), photo(2))
    assert counts(category) == [{"split": "train", "label": "good", "n": 2}]
    stored = samples(category)[0]
    assert stored.image.name == f"samples/nut/{stored.sha256}.png"
    assert default_storage.open(stored.image.name).read() == photo(1)
    assert (stored.filename, stored.width, stored.height) == ("0.png", 64, 48)
    assert (len(added.samples), added.duplicates, added.rejected) == (2, [], [])


def test_the_same_photo_counts_once_within_an_upload_and_later(category):
    assert add(category, photo(1), photo(1)).duplicates == ["1.png"]
    assert add(category, photo(1)).duplicates == ["0.png"]
    assert Sample.objects.count() == 1


@pytest.mark.parametrize(("split", "label"), [("test", "good"), ("test", "scratch")])
def test_a_photo_that_taught_does_not_judge(category, split, label):
    add(category, photo(1))
    added = add(category, photo(1), photo(2), split=split, label=label)
    assert [rejected.code for rejected in added.rejected] == ["elsewhere"]
    assert "train/good" in added.rejected[0].message
    assert len(added.samples) == 1


def test_a_photo_that_another_person_put_elsewhere_meanwhile_is_told(category, monkeypatch):
    """Both have looked before either wrote."""
    put, once = SampleStore.put, []

    def slowly(self, *args):
        if not once:
            once.append(True)
            add(category, photo(1), split="test", label="good")
        return put(self, *args)

    monkeypatch.setattr(SampleStore, "put", slowly)
    added = add(category, photo(1), photo(2))
    assert [rejected.code for rejected in added.rejected] == ["elsewhere"] and len(added.samples) == 1
    assert Sample.objects.count() == 2


def test_each_bad_file_is_told_of_and_the_others_are_taken(category):
    uploads = [upload(content, name) for name, content, _ in REFUSED.values()]
    added = add_samples(category, [*uploads, upload()], split="train", label="good", by=None)
    assert [rejected.code for rejected in added.rejected] == [code for _, _, code in REFUSED.values()]
    assert len(added.samples) == 1


@pytest.mark.parametrize(
    ("split", "label", "code"),
    [
        ("train", "scratch", "bad_label"),
        ("test", "", "bad_label"),
        ("test", "../up", "bad_label"),
        ("test", "x" * 61, "bad_label"),
        ("validation", "good", "bad_split"),
    ],
)
def test_a_place_that_is_none_is_refused(category, split, label, code):
    with pytest.raises(Refused) as refused:
        add(category, photo(), split=split, label=label)
    assert refused.value.code == code


def test_no_files_at_all_is_refused(category):
    with pytest.raises(Refused):
        add(category)


def test_a_removed_sample_is_out_but_its_file_stays_for_former_runs(category):
    first, second = add(category, photo(1), photo(2)).samples and list(samples(category))
    assert remove_samples(category, [first.pk], by=None) == 1
    assert list(samples(category)) == [second]
    assert default_storage.exists(first.image.name)
    assert remove_samples(CategoryFactory.create(), [second.pk], by=None) == 0
