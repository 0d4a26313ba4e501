"""Uploads whose file names Django would drop, or refuse the whole request for."""

import io

import pytest

from inspector.core import multipart
from inspector.core.multipart import named
from inspector.inspections.models import Inspection
from tests.factories import CategoryFactory, ModelVersionFactory
from tests.photos import photo

BOUNDARY = "----here"
TYPE = f"multipart/form-data; boundary={BOUNDARY}"


def field(name, value):
    return f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()


def file(content, disposition):
    head = b'Content-Disposition: form-data; name="images"' + disposition + b"\r\nContent-Type: image/png"
    return b"--" + BOUNDARY.encode() + b"\r\n" + head + b"\r\n\r\n" + content + b"\r\n"


def body(*parts):
    return b"".join(parts) + f"--{BOUNDARY}--\r\n".encode()


ODD = {
    "empty": (b'; filename=""', "unnamed"),
    "Latin-1": (b'; filename="Teil M\xfcller.png"', "Teil Müller.png"),
    "only what is stripped": (b'; filename=".."', "unnamed"),
    "control characters": (b'; filename="\x01\x02"', "unnamed"),
    "of an unknown encoding": (b"; filename*=nonsense''a%FFb.png", "unnamed"),
    "2,000 letters": (b'; filename="' + b"a" * 2000 + b'.png"', "a" * 146 + ".png"),
}


@pytest.mark.django_db
@pytest.mark.parametrize("name", ODD)
def test_the_file_is_taken_like_the_others(api_of, name):
    ModelVersionFactory.create(category=CategoryFactory.create(slug="nut"))
    disposition, kept = ODD[name]
    sent = body(
        field("category", "nut"),
        file(photo(1), b'; filename="a.png"'),
        file(photo(2), disposition),
        file(photo(3), b'; filename="b.png"'),
    )
    response = api_of("Inspector").generic("POST", "/api/inspections/", sent, content_type=TYPE)
    assert response.status_code == 202, response.content
    assert [row["filename"] for row in response.json()["inspections"]] == ["a.png", kept, "b.png"]
    assert Inspection.objects.count() == 3


@pytest.mark.django_db
def test_a_form_without_a_chosen_file_is_one_still(api_of):
    ModelVersionFactory.create(category=CategoryFactory.create(slug="nut"))
    sent = body(field("category", "nut"), file(b"", b'; filename=""'))
    response = api_of("Inspector").generic("POST", "/api/inspections/", sent, content_type=TYPE)
    assert response.status_code == 400
    assert "images" in response.json()["error"]["fields"]
    assert "ErrorDetail" not in response.content.decode()


@pytest.mark.parametrize("size", [1, 7, 1000, -1])
@pytest.mark.parametrize("chunk", [150, 300, 64 * 1024])
def test_the_body_is_the_same_but_for_the_name_however_it_is_read(monkeypatch, size, chunk):
    monkeypatch.setattr(multipart, "CHUNK", chunk)
    monkeypatch.setattr(multipart, "HEADERS", 150)
    tricky = b"\r\n--" + BOUNDARY.encode()[:-1] + b"\r\n\r\n" + bytes(range(256)) * 3
    sent = body(field("category", "nut"), file(tricky, b'; filename=""'), file(b"", b'; filename=""'))
    stream = named(io.BytesIO(sent), BOUNDARY.encode())
    read = b"".join(iter(lambda: stream.read(size), b""))
    assert read == sent.replace(b'filename=""', b'filename="unnamed"', 1)
