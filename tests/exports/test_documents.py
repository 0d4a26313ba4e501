"""PDFs: what they say, in whichever letters, and who gets them."""

import errno
import io
import re

import pypdfium2
import pytest
from django.utils import timezone
from PIL import Image

from inspector.core import files
from inspector.core.models import Event
from inspector.core.roles import Role
from inspector.exports.documents import fonts, many, one
from inspector.inspections.models import Inspection
from inspector.inspections.selectors import inspection
from inspector.reviews.decide import Finding, decide
from inspector.reviews.mark import mark
from inspector.reviews.masks import from_shapes
from inspector.reviews.withdraw import withdraw
from tests.factories import BatchFactory, CategoryFactory, InspectionFactory, ModelVersionFactory
from tests.role_table import ALL, answers

pytestmark = pytest.mark.django_db
NAME = "Крепёж <b>№3</b> żółty 零件 部品 부품 😀 خدش & more.jpg"


def said(pdf: bytes) -> str:
    document = pypdfium2.PdfDocument(pdf)
    try:
        return "\n".join(document[n].get_textpage().get_text_bounded() for n in range(len(document)))
    finally:
        document.close()


def picture(mode: str, kind: str) -> bytes:
    out = io.BytesIO()
    Image.new(mode, (60, 40), (200, 30, 30, 90)[: len(mode)]).save(out, kind)
    return out.getvalue()


@pytest.fixture
def rows(person) -> list[Inspection]:
    version = ModelVersionFactory.create(category=CategoryFactory.create(slug="nut", name="Гайка M8"))
    batch = BatchFactory.create(category=version.category, submitted_by=person(username="ann"))
    files.store("p.jpg", picture("RGB", "JPEG"))
    files.store("h.png", picture("RGBA", "PNG"))
    common = {"judged": True, "batch": batch, "version": version, "lot": "L7", "finished": timezone.now()}
    names = (NAME, "two.png", "gone.png")
    found = [InspectionFactory.create(**common, filename=name, score=2 - n) for n, name in enumerate(names)]
    Inspection.objects.filter(pk=found[2].pk).update(preview="nowhere.jpg", verdict="OK", outcome="good")
    qa = person(Role.QA_MANAGER, "李小龙")
    withdraw(decide(found[0], Finding("good", comment="dust?"), by=qa), by=qa, reason="microscope")
    decide(found[0], Finding("defective", "Царапина", comment="głęboka"), by=qa)
    return found


def test_one_inspection_tells_all_that_matters(rows, person):
    mark(rows[0], from_shapes([], [(5, 5, 20, 10)], (64, 64)), by=rows[0].reviews.latest("pk").person)
    found = inspection(rows[0].pk)
    text = said(one.document(found, by=person(Role.ADMIN, "ada")))
    for words in (
        "Крепёж <b>№3</b> żółty 零件 部品 부품 ? ?",
        "ANOMALY",
        "Defective",
        "Decided by 李小龙",
        "Царапина, major",
        "Good\n(withdrawn)",
        "Withdrawn by",
        "Гайка M8 · Lot L7",
        f"{found.version}",
        "by ada",
        "Outlined by 李小龙",
        "UTC",
        "Page 1 of 1",
    ):
        assert words.split() == [] or " ".join(words.split()) in " ".join(text.split()), words
    letters = "".join(text.split())
    assert found.sha256 in letters and found.version.sha256 in letters


def test_a_photo_that_is_gone_stops_nothing(rows, person):
    text = said(one.document(inspection(rows[2].pk), by=person(Role.ADMIN)))
    assert "no longer in storage" in text and "Nobody has decided" in text


def test_a_storage_that_fails_gives_no_document_without_pictures(rows, person, monkeypatch):
    """It would say of every photo that it is gone."""
    monkeypatch.setattr(files, "read", lambda name: (_ for _ in ()).throw(OSError(errno.EIO, "I/O error")))
    with pytest.raises(OSError, match="I/O error"):
        one.document(inspection(rows[0].pk), by=None)


def test_pictures_that_are_cut_off_stop_nothing(rows, person):
    """Their headers can still be read."""
    noise = Image.effect_noise((300, 300), 50)
    for name, mode, kind in (("h.png", "RGBA", "PNG"), ("p.jpg", "RGB", "JPEG")):
        out = io.BytesIO()
        noise.convert(mode).save(out, kind)
        files.store(name, out.getvalue()[: len(out.getvalue()) // 2])
        text = said(one.document(inspection(rows[0].pk), by=None))
        assert "ANOMALY" in text and "anomaly map" not in text
    assert "or damaged" in text
    out = io.BytesIO()
    many.write(out, Inspection.objects.all(), title="Lot L7", by=None)
    assert "or damaged" in said(out.getvalue())


def test_many_are_summed_up_with_the_worst_photos(rows, person):
    out = io.BytesIO()
    many.write(out, Inspection.objects.filter(lot="L7"), title="Lot L7", by=person(Role.ADMIN), most=1)
    text = " ".join(said(out.getvalue()).split())
    assert "Inspected 3 all judged Good 1 33.3 % Defective 2 66.7 %" in text
    assert {"Царапина 1 50.0 %", "No type named 1 50.0 %"} <= set(
        re.findall(r"(?:Царапина|No type named) 1 50.0 %", text)
    )
    assert "1 of 2, the highest scores first." in text
    empty = io.BytesIO()
    many.write(empty, Inspection.objects.none(), title="Nothing", by=None)
    assert "No inspections" in said(empty.getvalue())


def test_letters_that_nobody_has_become_question_marks():
    assert fonts.marked("a<b> &amp; ł") == "a&lt;b&gt; &amp;amp; ł"
    assert fonts.marked("x 😀😀 y") == "x ? y"
    assert fonts.marked("零") == '<font name="STSong-Light">零</font>'
    assert fonts.one_font("Скол 😀") == ("Скол ?", fonts.TEXT)
    assert fonts.one_font("A 划痕") == ("A 划痕", "STSong-Light")


def test_who_gets_the_pdf_of_an_inspection(client_of, rows):
    address = f"/inspections/{rows[1].pk}/pdf/"
    assert answers(client_of, address) == ALL | {"Inspector": 403}
    response = client_of("QA manager").get(address)
    assert response["Content-Type"] == "application/pdf" and response.content.startswith(b"%PDF-")
    assert Event.objects.filter(kind="inspection.printed", subject_id=rows[1].pk).exists()
    assert address in client_of("QA manager").get(f"/inspections/{rows[1].pk}/").text
    assert address not in client_of("Inspector").get(f"/inspections/{rows[1].pk}/").text
    assert client_of("Admin").get("/inspections/999999/pdf/").status_code == 404


def test_what_has_no_verdict_has_no_pdf(client_of, rows):
    waiting = InspectionFactory.create(batch=rows[0].batch)
    answer = client_of("Admin").get(f"/inspections/{waiting.pk}/pdf/")
    assert answer.status_code == 409 and "no verdict yet" in answer.text
