import hashlib
import tracemalloc

import pytest
from django.core.files.uploadedfile import TemporaryUploadedFile
from django.test import RequestFactory

from detection import UnreadableImage
from inspector.core import uploads
from tests.photos import ODD, REFUSED, lying_on_its_side, photo, upload


def test_a_good_photo_is_described():
    content = photo(size=(64, 48), image_format="JPEG")
    accepted = uploads.check(upload(content, "Teil 1.JPG"))
    assert (accepted.filename, accepted.extension, accepted.content_type) == (
        "Teil 1.JPG",
        ".jpg",
        "image/jpeg",
    )
    assert (accepted.width, accepted.height, accepted.bytes) == (64, 48, len(content))
    assert accepted.sha256 == hashlib.sha256(content).hexdigest()
    assert accepted.note == ""


@pytest.mark.parametrize(("name", "content", "code"), REFUSED.values(), ids=REFUSED)
def test_a_bad_file_is_refused_with_a_reason(name: str, content: bytes, code: str):
    with pytest.raises(UnreadableImage) as refused:
        uploads.check(upload(content, name))
    assert refused.value.code == code
    assert len(str(refused.value)) > 20


@pytest.mark.parametrize(("name", "content"), ODD.values(), ids=ODD)
def test_an_odd_photo_is_taken(name: str, content: bytes):
    assert uploads.check(upload(content, name)).width


def test_a_misnamed_photo_is_stored_as_what_it_is_with_a_note():
    accepted = uploads.check(upload(photo(image_format="JPEG"), "part.png"))
    assert (accepted.extension, accepted.content_type) == (".jpg", "image/jpeg")
    assert (accepted.filename, accepted.note) == ("part.png", "named .png but holds a JPEG")


def test_what_browsers_can_show_goes_by_the_content():
    assert [uploads.shown_by_browsers(f"original{kind}") for kind in (".jpg", ".tif", ".heic", ".x")] == [
        True,
        False,
        False,
        False,
    ]
    assert uploads.content_type_of("a/original.heic") == "image/heic"


def test_size_is_as_a_person_sees_it():
    accepted = uploads.check(upload(lying_on_its_side(), "side.jpg"))
    assert (accepted.width, accepted.height) == (48, 64)


def test_the_others_go_on_and_names_may_repeat():
    sent = [upload(photo(1)), upload(b"", "part.png"), upload(photo(2))]
    accepted, rejected = uploads.check_all(sent)
    assert [a.filename for a in accepted] == ["part.png", "part.png"]
    assert [(r.filename, r.code) for r in rejected] == [("part.png", "empty")]


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("../../etc/passwd.png", "passwd.png"),
        ("a\x00b\n.png", "ab.png"),
        ("", "unnamed"),
        (None, "unnamed"),
        ("x" * 300 + ".png", "x" * 251 + ".png"),
    ],
)
def test_names_are_made_harmless(sent: str | None, kept: str):
    assert uploads.clean_name(sent) == kept


def test_a_large_file_is_hashed_in_pieces():
    large = TemporaryUploadedFile("large.bmp", "image/bmp", 0, None)
    content = photo(size=(1500, 1000), image_format="BMP")
    large.write(content)
    large.seek(0)
    large.size = len(content)
    digest = hashlib.sha256(content).hexdigest()
    size = len(content)
    del content
    tracemalloc.start()
    assert uploads.check(large).sha256 == digest
    assert tracemalloc.get_traced_memory()[1] < size / 10
    tracemalloc.stop()


def test_of_a_file_over_the_limit_only_the_start_reaches_the_disk(settings):
    settings.MAX_UPLOAD_BYTES = 100_000
    settings.FILE_UPLOAD_HANDLERS = ["inspector.core.uploads.CappedUploadHandler"]
    request = RequestFactory().post("/", {"images": upload(photo(size=(1000, 1000), image_format="BMP"))})
    received = request.FILES["images"]
    assert received.size > 3_000_000
    assert received.file.seek(0, 2) < 300_000
    with pytest.raises(UnreadableImage) as refused:
        uploads.check(received)
    assert refused.value.code == "too_many_bytes"
