"""The same verbs on S3-compatible storage: a real HTTP server of the S3 protocol on loopback."""

from collections.abc import Iterator
from io import BytesIO

import boto3
import pytest
from botocore.awsrequest import AWSResponse
from botocore.exceptions import ClientError
from django.core.files.storage import storages
from django.http import Http404
from django.test import RequestFactory
from moto.server import ThreadedMotoServer
from urllib3 import HTTPResponse

from inspector.core import files, work
from inspector.core.backup import stored
from inspector.core.storage_url import MEMORY_BYTES, s3_storage
from inspector.exports.ask import ask
from inspector.inspections.analyse import analyse_waiting
from inspector.inspections.submit import submit
from tests.conftest import free_port
from tests.factories import InspectionFactory
from tests.photos import photo, upload


@pytest.fixture(scope="module")
def s3() -> Iterator[str]:
    server = ThreadedMotoServer("127.0.0.1", 0)
    server.start()
    _, port = server.get_host_and_port()
    client = boto3.client(
        "s3",
        endpoint_url=f"http://127.0.0.1:{port}",
        region_name="us-east-1",
        aws_access_key_id="key",
        aws_secret_access_key="secret",
    )
    client.create_bucket(Bucket="photos")
    yield f"s3://key:secret@127.0.0.1:{port}/photos?region=us-east-1&tls=0"
    server.stop()


@pytest.fixture(autouse=True)
def on_s3(s3, settings) -> None:
    settings.STORAGES = settings.STORAGES | {"default": s3_storage(s3)}


def test_stored_over_what_was_there_and_read_back():
    assert type(storages["default"]).__name__ == "S3Storage"
    assert files.store("a/part.png", b"first") == "a/part.png"
    assert files.store("a/part.png", b"second") == "a/part.png"
    with files.local_copy("a/part.png") as path:
        assert path.read_bytes() == b"second"
    assert not path.exists()


def test_served_and_deleted():
    files.store("a/photo.jpg", b"x" * 300_000)
    request = RequestFactory().get("/")
    response = files.serve(request, "a/photo.jpg", content_type="image/jpeg", filename="photo.jpg")
    assert b"".join(response.streaming_content) == b"x" * 300_000
    assert response["Content-Length"] == "300000"
    files.delete(["a/photo.jpg", "a/never-was.png"])
    with pytest.raises(Http404):
        files.serve(request, "a/photo.jpg", content_type="image/jpeg", filename="photo.jpg")
    with pytest.raises(FileNotFoundError), files.local_copy("a/photo.jpg"):
        pass


def test_many_are_fetched_into_one_folder(tmp_path):
    for name in ("a/one.png", "b/one.png"):
        files.store(name, name.encode())
    paths = [files.fetch(name, tmp_path) for name in ("a/one.png", "b/one.png")]
    assert [path.read_bytes() for path in paths] == [b"a/one.png", b"b/one.png"]
    assert {path.name for path in paths} == {"one.png"}
    assert not files.fetch("a/never-was.png", tmp_path).exists()


def test_a_backup_of_a_bucket_comes_back_and_strays_are_found(tmp_path):
    files.store("a/deep/photo.jpg", b"photo")
    entries = stored.save(tmp_path, lambda number, name: None)
    assert entries["a/deep/photo.jpg"].bytes == 5
    files.delete(["a/deep/photo.jpg"])
    stored.load(tmp_path, entries, lambda number, name: None)
    with files.local_copy("a/deep/photo.jpg") as path:
        assert path.read_bytes() == b"photo"
    assert "a/deep/photo.jpg" in set(stored.names())


def test_of_a_bucket_that_is_gone_no_photo_is_said_to_be(s3, settings):
    assert files.is_mounted("inspections/a.png")
    settings.STORAGES = settings.STORAGES | {"default": s3_storage(s3.replace("/photos", "/gone"))}
    assert not files.is_mounted("inspections/a.png")


def test_a_large_file_is_not_read_into_memory():
    """An export may have some gigabytes, and the web process serves it."""
    files.store("exports/large.zip", b"x" * (MEMORY_BYTES + 1))
    with storages["default"].open("exports/large.zip", "rb") as file:
        assert file.read(1) == b"x" and file.file._rolled


def test_what_cannot_be_written_leaves_what_was_there():
    files.store("a/kept.png", b"first")
    client = storages["default"].bucket.meta.client
    client.meta.events.register("before-send.s3", Refusing("PUT"))
    with pytest.raises(ClientError):
        files.store("a/kept.png", b"second")
    with files.local_copy("a/kept.png") as path:
        assert path.read_bytes() == b"first"


def test_a_storage_that_does_not_answer_is_asked_to_delete_once(settings, caplog):
    nobody = f"s3://key:secret@127.0.0.1:{free_port()}/photos?region=us-east-1&tls=0"
    settings.STORAGES = settings.STORAGES | {"default": s3_storage(nobody)}
    files.delete([f"{n}.png" for n in range(20)])
    assert caplog.text.count("could not delete") == 1


class Refusing:
    """The service says no to requests of this kind, as with a key that has just expired."""

    def __init__(self, method: str) -> None:
        self._method = method

    def __call__(self, request, **_):
        if request.method != self._method:
            return None
        raw = HTTPResponse(BytesIO(b"<Error><Code>ExpiredToken</Code></Error>"), preload_content=False)
        return AWSResponse(request.url, 403, {}, raw)


@pytest.mark.django_db
def test_a_job_that_meets_a_storage_that_refuses_says_so(person):
    row = InspectionFactory.create(judged=True)
    files.store(str(row.original), b"x")
    export = ask(form="zip", query={}, by=person("QA manager"))
    storages["default"].bucket.meta.client.meta.events.register("before-send.s3", Refusing("GET"))
    ended = work.run(type(export), export.pk)
    assert ended.error_code == "storage_away"
    assert ended.error_message.startswith("The storage refuses access (ExpiredToken)")


@pytest.mark.django_db
def test_a_photo_that_waits_for_a_storage_says_what_is_wrong_with_it(active_version, person):
    """Keys are looked for elsewhere than cables."""
    category, by = active_version().category, person("Inspector")
    submit(category=category, uploads=[upload(photo(1), "a.png")], by=by, source="web")
    storages["default"].bucket.meta.client.meta.events.register("before-send.s3", Refusing("PUT"))
    analyse_waiting(category.pk)
    assert category.inspections.get().wait_message.startswith("The storage refuses access (ExpiredToken)")


@pytest.mark.django_db
def test_a_storage_that_does_not_answer_is_no_fault_of_the_program(settings, client_of, person):
    nobody = f"s3://key:secret@127.0.0.1:{free_port()}/photos?region=us-east-1&tls=0"
    settings.STORAGES = settings.STORAGES | {"default": s3_storage(nobody)}
    row, browser = InspectionFactory.create(judged=True), client_of("Admin")
    browser.raise_request_exception = False
    for address in (f"/api/inspections/{row.pk}/images/preview/", f"/inspections/{row.pk}/preview/"):
        answer = browser.get(address)
        assert (answer.status_code, answer["Retry-After"]) == (503, "10")
        assert "The storage of the photos cannot be reached" in answer.content.decode()
    sent = {"category": row.category.slug, "images": upload(photo(1), "a.png")}
    answer = browser.post("/api/inspections/", sent)
    assert (answer.status_code, answer.json()["error"]["code"]) == (503, "storage")
    assert row.category.inspections.count() == 1
