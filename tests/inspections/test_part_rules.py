"""What photos say of the part by themselves: by their names, by codes on them, by the camera's clock."""

import io
import time
from datetime import UTC, datetime

import pytest
import zxingcpp
from PIL import Image

from inspector.core.errors import Refused
from inspector.core.models import Event
from inspector.core.roles import Role
from inspector.inspections import codes, patterns
from inspector.inspections.analyse import analyse_waiting
from inspector.inspections.claimed_item import Item, _note, _seen
from inspector.inspections.codes import NO_CODE, SEVERAL, Look, Seen, see
from inspector.inspections.models import Source
from inspector.inspections.part_models import PartRules
from inspector.inspections.part_rules import by_name, change_rules, look_of, rules_of
from inspector.inspections.parts import Part
from inspector.inspections.submit import submit
from tests.factories import InspectionFactory, ModelVersionFactory
from tests.photos import photo, upload
from tests.role_table import ALL, answers

pytestmark = pytest.mark.django_db
PATTERN = r"(?P<lot>L\d+)_(?P<serial>[A-Z]+\d+)"


@pytest.fixture
def category():
    return ModelVersionFactory.create(category__slug="nut").category


# --- Patterns ---
@pytest.mark.parametrize(
    ("pattern", "told"),
    [
        ("(", "missing )"),
        (r"L\d+", "Name at least one group"),
        (r"(?P<colour>\w+)", "no field “colour”"),
        (r"(?P<lot>\w)\1", "invalid escape"),
        (r"(?=x)(?P<lot>x)", "look-ahead"),
        (r"(?P<lot>(a{1000}){1000})", "repetition"),
        ("(?P<lot>" + "x" * 300 + ")", "at most 300"),
        ("(?P<lot>\ud800)", "half characters"),
    ],
)
def test_a_pattern_that_cannot_be_used_says_why(pattern, told):
    with pytest.raises(Refused) as refused:
        patterns.check(pattern, "filename_pattern")
    assert told in refused.value.fields["filename_pattern"][0]


@pytest.mark.parametrize("pattern", [r"(?P<lot>(a+)+)$", r"(?P<lot>(a|aa)*)b", r"(?P<lot>(\w*\w*\w*)*)!!"])
def test_no_pattern_takes_long(pattern):
    patterns.check(pattern, "x")
    began = time.perf_counter()
    patterns.values_in(pattern, "a" * 250 + "!")
    assert time.perf_counter() - began < 1


def test_what_is_said_counts_before_the_name(settings):
    settings.PART_FIELDS = ["Cavity"]
    rules = PartRules(filename_pattern=r"(?P<lot>L\d+)_(?P<cavity>\d)")
    assert by_name(rules, Part(), "x_L12_3.png") == Part(lot="L12", part_fields={"cavity": "3"})
    said = Part(lot="A", part_fields={"cavity": "9"})
    assert by_name(rules, said, "x_L12_3.png") == said
    assert by_name(rules, Part(), "other.png") == Part()


def test_a_group_that_no_field_can_keep_is_left_out():
    assert patterns.values_in(r"(?P<lot>x+)", "x" * 101) == {}
    assert patterns.values_in(r"(?P<gone>x+)", "x") == {}, "of an own field that was renamed"


def test_each_photo_gets_what_its_name_says(category, person):
    change_rules(category, by=person(Role.ADMIN), filename_pattern=PATTERN)
    uploads = [upload(photo(1), "L1_A1.png"), upload(photo(2), "L1_A2.png"), upload(photo(3), "c.png")]
    sent = submit(category=category, uploads=uploads, by=person(), source=Source.API, part=Part(station="S"))
    assert [(row.lot, row.serial, row.station) for row in sent.inspections] == [
        ("L1", "A1", "S"),
        ("L1", "A2", "S"),
        ("", "", "S"),
    ]
    assert sent.batch.part == {"station": "S"}, (
        "the next form begins with what was said, not with what was read"
    )


# --- The page ---
VALUES = {"code_fills": "serial", "left": 0, "top": 0, "right": 100, "bottom": 100}


def test_who_may_open_the_page(client_of, category):
    for address in ("/categories/nut/part-rules/", "/categories/nut/part-rules/try/"):
        assert answers(client_of, address) == ALL | {"Inspector": 403}


def test_rules_are_kept_and_told_in_the_trail(client_of, category):
    sent = VALUES | {
        "filename_pattern": PATTERN,
        "codes": ["qr", "datamatrix"],
        "trusts_exif": "on",
        "left": 10,
    }
    answer = client_of(Role.QA_MANAGER).post("/categories/nut/part-rules/", sent)
    assert answer.status_code == 302, answer.context["form"].errors
    rules = rules_of(category)
    assert (rules.filename_pattern, rules.codes, rules.left) == (PATTERN, ["qr", "datamatrix"], 10)
    assert look_of(rules) == Look(("qr", "datamatrix"), (10, 0, 100, 100), exif=True)
    assert Event.objects.get(kind="part_rules.changed").detail["codes"] == ["qr", "datamatrix"]


@pytest.mark.parametrize(
    ("sent", "field"),
    [
        ({"filename_pattern": "("}, "filename_pattern"),
        ({"filename_pattern": "x" * 500}, "filename_pattern"),
        ({"codes": ["pdf"]}, "codes"),
        ({"codes": ["qr"], "code_fills": "pattern"}, "code_pattern"),
        ({"code_fills": "order"}, "code_fills"),
        ({"left": 50, "right": 50}, "right"),
        ({"right": 101}, "right"),
        ({"top": ""}, "top"),
    ],
)
def test_what_cannot_be_kept_is_told_at_its_field(client_of, category, sent, field):
    answer = client_of(Role.QA_MANAGER).post("/categories/nut/part-rules/", VALUES | sent)
    assert answer.status_code == 400 and field in answer.context["form"].errors
    assert not PartRules.objects.exists()


def test_a_pattern_is_tried_on_the_last_ten_names(client_of, category):
    for n in range(12):
        InspectionFactory.create(batch__category=category, filename=f"L{n}_A{n}.png")
    browser = client_of(Role.QA_MANAGER)
    page = browser.get("/categories/nut/part-rules/try/", {"filename_pattern": PATTERN})
    assert [name for name, _ in page.context["tried"]] == [f"L{n}_A{n}.png" for n in range(11, 1, -1)]
    assert page.context["tried"][0][1] == [("Lot", "L11"), ("Serial", "A11")]
    wrong = browser.get("/categories/nut/part-rules/try/", {"filename_pattern": "("})
    assert "missing )" in wrong.content.decode()


def test_the_api_changes_them_alike(api_of, category):
    qa, address = api_of(Role.QA_MANAGER), "/api/categories/nut/part-rules/"
    assert api_of().get(address).status_code == 403
    told = qa.patch(address, {"filename_pattern": PATTERN, "codes": ["qr"]}, format="json")
    assert (told.status_code, told.data["codes"], told.data["right"]) == (200, ["qr"], 100)
    assert qa.patch(address, {"left": 20}, format="json").data["filename_pattern"] == PATTERN
    for bad, field in (({"filename_pattern": "("}, "filename_pattern"), ({"right": 10}, "right")):
        answer = qa.patch(address, bad, format="json")
        assert answer.status_code == 400 and field in answer.json()["error"]["fields"]
    assert qa.patch(address, {"top": 10}, format="multipart").data["checks_part"], "a form leaves it out"
    assert qa.get(address).data["left"] == 20


# --- Codes ---
def with_code(*texts: str, kind: str = "DataMatrix", size=(800, 600)) -> Image.Image:
    image = Image.new("RGB", size, (200, 200, 200))
    for n, text in enumerate(texts):
        code = zxingcpp.create_barcode(text, getattr(zxingcpp.BarcodeFormat, kind))
        drawn = Image.fromarray(zxingcpp.write_barcode_to_image(code, scale=6)).convert("RGB")
        image.paste(drawn, (60 + 400 * n, 60))
    return image


@pytest.mark.parametrize(
    ("kind", "name"), [("datamatrix", "DataMatrix"), ("qr", "QRCode"), ("code128", "Code128")]
)
def test_each_kind_of_code_is_read(kind, name):
    assert see(with_code("S-17", kind=name), b"", Look((kind,))) == Seen("S-17")


def test_of_no_code_or_several_nothing_is_guessed():
    assert see(with_code(), b"", Look(("qr",))) == Seen(note=NO_CODE)
    assert see(with_code("A", kind="QRCode"), b"", Look(("datamatrix",))) == Seen(note=NO_CODE)
    two = with_code("A", "B")
    assert see(two, b"", Look(("datamatrix",))) == Seen(note=SEVERAL)
    assert see(two, b"", Look(("datamatrix",), (0, 0, 50, 100))) == Seen("A"), "only that in the region"
    assert see(with_code("A", "A"), b"", Look(("datamatrix",))) == Seen("A")


def test_a_reader_that_breaks_fails_no_photo(monkeypatch):
    monkeypatch.setattr(zxingcpp, "read_barcodes", lambda *_, **__: 1 / 0)
    assert see(with_code("A"), b"", Look(("qr",))) == Seen(note=NO_CODE)
    tiny = Image.new("RGB", (1, 1))
    assert see(tiny, b"", Look(("qr",), (99, 99, 100, 100))) == Seen(note=NO_CODE)


def seen(seen_, note="", rules=None, **known):
    row = InspectionFactory.build(batch=None, category=None, submitted_by=None, **known)
    return _seen(rules or PartRules(codes=["qr"]), Item(row, seen=seen_, note=note))


@pytest.mark.parametrize(
    ("code", "rules", "known", "told"),
    [
        ("S-17", {}, {}, {"serial": "S-17"}),
        (" S-17 ", {"code_fills": "lot"}, {}, {"lot": "S-17"}),
        ("S-17", {}, {"serial": "typed"}, {}),
        ("L1_A2", {"code_fills": "pattern", "code_pattern": PATTERN}, {}, {"lot": "L1", "serial": "A2"}),
        ("L1_A2", {"code_fills": "pattern", "code_pattern": PATTERN}, {"lot": "B"}, {"serial": "A2"}),
    ],
)
def test_a_code_fills_what_is_not_known(code, rules, known, told):
    assert seen(Seen(code), rules=PartRules(codes=["qr"], **rules), **known) == told


@pytest.mark.parametrize("code", ["x" * 101, "a\x1db", "  "])
def test_a_code_that_no_field_can_keep_is_a_note(code):
    assert "nothing that can be kept" in seen(Seen(code))["note"]


def test_notes_are_said_once_after_retries():
    assert seen(Seen(note=NO_CODE), note="CMYK converted") == {"note": f"CMYK converted; {NO_CODE}"}
    assert seen(Seen(note=NO_CODE), filename="x") == {"note": NO_CODE}
    assert _note(NO_CODE, NO_CODE) == NO_CODE
    assert _note("kept", "") == "kept"


def test_a_code_is_read_beside_judging(active_version, person):
    version = active_version()
    change_rules(version.category, by=person(Role.ADMIN), codes=["datamatrix"], trusts_exif=True)
    out = io.BytesIO()
    exif = Image.Exif()
    exif.get_ifd(codes.EXIF)[codes.TAKEN] = "2025:06:01 12:30:00"
    with_code("S-17").save(out, "JPEG", exif=exif)
    uploads = [upload(out.getvalue(), "a.jpg"), upload(photo(1), "b.png")]
    rows = submit(category=version.category, uploads=uploads, by=person(), source=Source.API).inspections
    analyse_waiting(version.category.pk)
    for row in rows:
        row.refresh_from_db()
    assert [(row.state, row.serial, row.note) for row in rows] == [
        ("done", "S-17", ""),
        ("done", "", NO_CODE),
    ]
    assert rows[0].taken == datetime(2025, 6, 1, 12, 30, tzinfo=UTC) and rows[1].taken is None


# --- The camera's clock ---
def shot(taken: object, offset: str = "") -> bytes:
    exif = Image.Exif()
    noted = exif.get_ifd(codes.EXIF)
    noted[codes.TAKEN] = taken
    if offset:
        noted[codes.OFFSET] = offset
    out = io.BytesIO()
    Image.new("RGB", (8, 8)).save(out, "JPEG", exif=exif)
    return out.getvalue()


@pytest.mark.parametrize(
    ("content", "taken"),
    [
        (shot("2025:06:01 12:30:00"), datetime(2025, 6, 1, 10, 30, tzinfo=UTC)),
        (shot("2025:06:01 12:30:00", "-05:00"), datetime(2025, 6, 1, 17, 30, tzinfo=UTC)),
        (shot("0000:00:00 00:00:00"), None),
        (shot("1970:01:01 00:00:00"), None),
        (shot("2199:01:01 00:00:00"), None),
        (shot("nonsense"), None),
        (photo(1), None),
        (b"no image", None),
    ],
)
def test_the_time_of_the_camera(content, taken, settings):
    settings.TIME_ZONE = "Europe/Berlin"
    assert see(Image.new("RGB", (8, 8)), content, Look(exif=True)) == Seen(taken=taken)
