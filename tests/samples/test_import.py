import itertools
import os
import signal
from io import StringIO

import pytest
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command
from django.urls import reverse
from django.utils import timezone
from PIL import Image

from inspector.categories.create import create_category
from inspector.categories.models import Category
from inspector.core import trail
from inspector.core.errors import Refused
from inspector.core.models import Event
from inspector.samples import import_folder as importing
from inspector.samples.add_samples import add_samples
from inspector.samples.import_folder import import_folder
from inspector.samples.models import Sample
from inspector.samples.remove_samples import remove_samples
from inspector.samples.selectors import counts
from tests.photos import photo, truncated, upload

pytestmark = pytest.mark.django_db


@pytest.fixture
def folder(tmp_path):
    """Four good parts to learn from, a good and a scratched one to judge, with the scratch's mask."""
    root = tmp_path / "hex_nut"
    for n in range(4):
        write(root / f"train/good/{n}.png", photo(n))
    write(root / "test/good/0.png", photo(10))
    write(root / "test/scratch/0.png", photo(11))
    mask = root / "ground_truth/scratch/0_mask.png"
    mask.parent.mkdir(parents=True)
    Image.new("L", (64, 48), 255).save(mask)
    return root


def write(path, content):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


def test_a_folder_becomes_a_category(folder, person):
    steps = []
    imported = import_folder(folder, by=person("Admin"), on_progress=lambda *step: steps.append(step))
    assert (imported.category.slug, imported.category.name) == ("hex_nut", "Hex nut")
    assert (imported.added, imported.skipped, imported.rejected) == (6, 0, [])
    assert counts(imported.category) == [
        {"split": "train", "label": "good", "n": 4},
        {"split": "test", "label": "good", "n": 1},
        {"split": "test", "label": "scratch", "n": 1},
    ]
    assert steps[-1] == (6, 6)
    assert Event.objects.get(kind="samples.imported").detail["added"] == 6


@pytest.fixture
def sigterm():
    former = signal.getsignal(signal.SIGTERM)
    yield
    signal.signal(signal.SIGTERM, former)


def test_an_import_that_is_ended_writes_down_what_it_added(folder, monkeypatch, sigterm):
    take, taken = importing._take, []

    def ended(*args):
        taken.append(args)
        if len(taken) == 4:
            os.kill(os.getpid(), signal.SIGTERM)
        return take(*args)

    monkeypatch.setattr(importing, "_take", ended)
    with pytest.raises(SystemExit) as end:
        call_command("import_category", str(folder), stdout=StringIO(), verbosity=0)
    assert end.value.code == 128 + signal.SIGTERM
    assert Sample.objects.count() == 3
    assert Event.objects.get(kind="samples.imported").detail["added"] == 3


def test_masks_are_kept(folder):
    import_folder(folder, by=None)
    scratched = Sample.objects.get(label="scratch")
    assert scratched.mask.name.startswith(f"samples/hex_nut/masks/{scratched.sha256}-")
    with default_storage.open(scratched.mask.name) as file:
        assert Image.open(file).getextrema() == (255, 255)
    assert not Sample.objects.exclude(label="scratch").exclude(mask="").exists()


def test_importing_again_adds_only_what_is_new(folder):
    import_folder(folder, by=None)
    write(folder / "train/good/new.png", photo(99))
    again = import_folder(folder, by=None)
    assert (again.added, again.skipped) == (1, 6)
    assert Category.objects.count() == 1


def test_each_bad_file_is_told_of_and_the_others_are_taken(folder):
    write(folder / "train/good/cut.png", truncated())
    write(folder / "train/good/text.jpg", b"not a photo at all")
    write(folder / "test/good/leak.png", photo(0))
    write(folder / "ground_truth/scratch/0_mask.png", b"no mask")
    imported = import_folder(folder, by=None)
    assert {rejected.filename: rejected.code for rejected in imported.rejected} == {
        "train/good/cut.png": "truncated",
        "train/good/text.jpg": "not_an_image",
        "test/good/leak.png": "elsewhere",
        "ground_truth/scratch/0_mask.png": "not_an_image",
    }
    assert imported.added == 6
    assert Sample.objects.get(label="scratch").mask == ""


def test_a_folder_of_another_shape_is_refused_with_the_shape_expected(tmp_path):
    write(tmp_path / "photos/1.png", photo())
    with pytest.raises(Refused) as refused:
        import_folder(tmp_path / "photos", by=None)
    assert refused.value.code == "bad_dataset"
    assert "train/good" in refused.value.message
    assert not Category.objects.exists()


def test_it_can_be_called_something_else_or_added_to_another(folder):
    import_folder(folder, by=None, slug="nut", name="Nut M8")
    assert Category.objects.get().name == "Nut M8"
    assert import_folder(folder, by=None, slug="nut").skipped == 6


def test_three_folders_of_one_name_are_not_three_times_plate(tmp_path):
    """Two parts may be called the same on two lines: nothing is mixed unasked, nothing is shown twice."""
    for n, line in enumerate("abc"):
        for m in range(3):
            write(tmp_path / line / "plate/train/good" / f"{m}.png", photo(10 * n + m))
    first = import_folder(tmp_path / "a/plate", by=None)
    assert (first.category.name, first.is_new) == ("Plate", True)
    with pytest.raises(Refused) as refused:
        import_folder(tmp_path / "b/plate", by=None)
    assert (refused.value.code, refused.value.see) == ("other_folder", first.category)
    assert str(tmp_path / "a/plate") in refused.value.message
    assert "--slug plate" in refused.value.message
    assert import_folder(tmp_path / "b/plate", by=None, slug="plate-b").category.name == "Plate b"
    added = import_folder(tmp_path / "c/plate", by=None, slug="plate")
    assert (added.category, added.is_new, added.added) == (first.category, False, 3)
    with pytest.raises(Refused, match="a category that already exists"):
        import_folder(tmp_path / "c/plate", by=None, slug="third", name="PLATE")


def test_a_folder_that_was_moved_is_the_same_folder(folder, tmp_path):
    import_folder(folder, by=None)
    write(folder / "train/good/new.png", photo(99))
    again = import_folder(
        folder.rename(tmp_path / "moved").rename(tmp_path / "elsewhere"), by=None, slug="hex_nut"
    )
    assert again.skipped == 6
    moved = tmp_path / "mnt/hex_nut"
    moved.parent.mkdir()
    (tmp_path / "elsewhere").rename(moved)
    assert import_folder(moved, by=None).skipped == 7


def test_a_category_that_was_made_by_hand_takes_the_folder(folder):
    made = create_category("Hex nut", slug="hex_nut", by=None)
    imported = import_folder(folder, by=None)
    assert (imported.category, imported.is_new, imported.added) == (made, False, 6)


def test_an_archived_category_takes_none(folder):
    category = import_folder(folder, by=None).category
    Category.objects.update(archived=timezone.now())
    with pytest.raises(Refused, match="archived"):
        import_folder(folder, by=None)
    with pytest.raises(Refused, match="archived"):
        add_samples(Category.objects.get(pk=category.pk), [], split="train", label="good", by=None)


def test_the_number_of_queries_does_not_grow_with_every_photo(folder, django_assert_max_num_queries):
    for n in range(40):
        write(folder / f"train/good/more{n}.png", photo(1000 + n, size=(8, 8)))
    with django_assert_max_num_queries(16):
        import_folder(folder, by=None)


def test_the_command_tells_what_it_did(folder):
    out = StringIO()
    call_command("import_category", folder, name="Nut", stdout=out, verbosity=0)
    assert "New category Nut (hex_nut)." in out.getvalue()
    assert "6 samples added, 0 already there, 0 files refused" in out.getvalue()
    call_command("import_category", folder, stdout=out, verbosity=0)
    assert "The category Nut (hex_nut) exists; the photos are added to it." in out.getvalue()


@pytest.mark.parametrize(("spoil", "status"), [("train/good/bad.png", 2), (None, 1)])
def test_the_command_s_exit_status_tells_how_it_went(folder, tmp_path, spoil, status):
    if spoil:
        write(folder / spoil, b"")
    with pytest.raises(CommandError) as error:
        call_command(
            "import_category",
            folder if spoil else tmp_path / "absent",
            stdout=StringIO(),
            stderr=StringIO(),
            verbosity=0,
        )
    assert error.value.returncode == status
    assert Sample.objects.count() == (6 if spoil else 0)


# --- Folders as people have them -------------------------------------------------------------
def test_sub_folders_are_read_and_told(folder):
    for n in range(8):
        write(folder / f"train/good/2026-11-27/shift1/{n}.png", photo(100 + n))
    write(folder / "train/good/notes.txt", b"x")
    out = StringIO()
    call_command("import_category", folder, stdout=out, verbosity=0)
    assert "14 samples added" in out.getvalue()
    assert "note: train/good: 12 photos, 8 of them in 2 sub-folders" in out.getvalue()
    assert "note: 1 file is skipped: it is not a photo: train/good/notes.txt." in out.getvalue()
    assert Sample.objects.filter(filename="2026-11-27/shift1/3.png").exists()
    assert Sample.objects.filter(filename="3.png").exists()
    told = next(entry for entry in trail.entries(list(trail.events())) if entry.title == "Imported samples")
    assert told.detail.startswith("14 added. train/good: 12 photos, 8 of them in 2 sub-folders.")


def test_folders_of_another_layout_can_be_named(folder):
    (folder / "train/good").rename(folder / "OK")
    (folder / "test/scratch").rename(folder / "NG")
    with pytest.raises(Refused) as refused:
        import_folder(folder, by=None)
    assert f"--good {folder}/OK" in refused.value.message
    named = {"good": [f"{folder}/OK"], "test": [f"scratch={folder}/NG"]}
    call_command("import_category", folder, stdout=StringIO(), verbosity=0, **named)
    assert Sample.objects.filter(split="train").count() == 4
    assert Sample.objects.get(label="scratch").mask


def test_a_mask_that_was_drawn_after_its_photo_came_is_added(folder):
    mask = folder / "ground_truth/scratch/0_mask.png"
    drawn = mask.read_bytes()
    mask.unlink()
    import_folder(folder, by=None)
    assert Sample.objects.get(label="scratch").mask == ""
    mask.write_bytes(drawn)
    again = import_folder(folder, by=None)
    assert (again.added, again.masked) == (0, 1)
    assert default_storage.exists(Sample.objects.get(label="scratch").mask.name)
    event = Event.objects.latest("pk")
    assert "1 mask added" in trail.detail_in_words(event.kind, event.detail)
    assert import_folder(folder, by=None).masked == 0


def test_masks_of_another_kind_are_kept_as_white_on_black(folder):
    mask = Image.new("RGBA", (64, 48), (255, 0, 0, 0))
    mask.paste((255, 0, 0, 255), (8, 8, 16, 16))
    mask.save(folder / "ground_truth/scratch/0_mask.png")
    imported = import_folder(folder, by=None)
    assert "The masks use their alpha channel" in imported.notes[0]
    with default_storage.open(Sample.objects.get(label="scratch").mask.name) as file:
        stored = Image.open(file)
        assert (stored.mode, stored.getextrema(), stored.getbbox()) == ("L", (0, 255), (8, 8, 16, 16))


def test_names_that_are_no_utf_8_are_taken(folder):
    (folder / "train/good/0.png").rename(folder / "train/good" / os.fsdecode(b"M\xfcller.png"))
    assert import_folder(folder, by=None).added == 6
    assert Sample.objects.filter(filename="M\\xfcller.png").exists()


def test_what_happens_to_a_category_while_a_folder_is_imported_counts(folder, monkeypatch):
    """Another person adds the same photo here, and another one elsewhere; then it is archived."""
    category = create_category("Nut", by=None)
    take = importing._take
    photos = iter([("train", photo(0)), ("test", photo(1))])

    def slowly(*args):
        sample = take(*args)
        for split, taken in itertools.islice(photos, 1):
            add_samples(category, [upload(taken, "mine.png")], split=split, label="good", by=None)
        return sample

    monkeypatch.setattr(importing, "_take", slowly)
    imported = import_folder(folder, by=None, slug="nut")
    assert (imported.added, imported.skipped) == (4, 1)
    assert "already in test/good" in imported.rejected[0].message
    assert Sample.objects.filter(category=category).values("sha256").distinct().count() == 6

    Sample.objects.all().delete()
    monkeypatch.setattr(
        importing,
        "_take",
        lambda *args: take(*args) if Category.objects.update(archived=timezone.now()) else None,
    )
    with pytest.raises(Refused, match="archived"):
        import_folder(folder, by=None, slug="nut")
    assert not Sample.objects.exists()


def test_a_photo_that_comes_again_with_another_mask_leaves_the_former_one_to_its_snapshots(folder, client_of):
    category = import_folder(folder, by=None).category
    former = Sample.objects.get(mask__gt="")
    drawn = client_of("Admin").get(reverse("samples:outline", args=[former.pk])).getvalue()
    before = default_storage.open(former.mask.name).read()
    remove_samples(category, [former.pk], by=None)
    mask = Image.new("L", (64, 48), 0)
    mask.paste(255, (8, 8, 20, 20))
    mask.save(folder / "ground_truth/scratch/0_mask.png")

    import_folder(folder, by=None)
    again = Sample.objects.get(mask__gt="")
    assert (
        default_storage.open(former.mask.name).read()
        == before
        != default_storage.open(again.mask.name).read()
    )
    assert client_of("Admin").get(reverse("samples:outline", args=[again.pk])).getvalue() != drawn


def test_a_folder_with_a_long_name_may_be_imported_again(folder):
    """An address has 60 characters, a name 80."""
    long = folder.rename(folder.with_name("housing_of_the_left_front_wheel_bearing_variant_with_two_sensors"))
    first = import_folder(long, by=None)
    again = import_folder(long, by=None)
    assert (again.category, again.is_new, again.skipped) == (first.category, False, 6)
