"""Which part a photo shows: by every door, and what no door takes."""

import json

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from inspector.core.errors import Refused
from inspector.inspections import patterns
from inspector.inspections.apps import _part_fields
from inspector.inspections.models import Batch, Inspection, Source
from inspector.inspections.parts import Part, own_fields, part_of
from inspector.inspections.selectors import last_part
from inspector.inspections.submit import submit
from tests.factories import BatchFactory, InspectionFactory, ModelVersionFactory
from tests.photos import photo, upload

pytestmark = pytest.mark.django_db
LONG = "L" * 500


@pytest.fixture(autouse=True)
def own(settings):
    settings.PART_FIELDS = ["Mould cavity", "Shift leader"]


@pytest.fixture
def category():
    return ModelVersionFactory.create().category


def test_all_that_is_said_is_kept_with_each_photo(category, person):
    said = {"lot": " L-7 ", "serial": "S1", "station": "Line 2", "order": "4711"}
    part = part_of(said | {"part_fields": {"mould_cavity": "3", "shift_leader": " "}})
    submission = submit(
        category=category, uploads=[upload(), upload()], by=person(), source=Source.API, part=part
    )
    for row in submission.inspections:
        row.refresh_from_db()
        assert (row.lot, row.serial, row.station, row.order) == ("L-7", "S1", "Line 2", "4711")
        assert row.part_fields == {"mould_cavity": "3"}


def test_a_letter_written_in_two_ways_is_one_lot(settings):
    settings.PART_FIELDS = ["Shift"]
    one, two = (part_of({"lot": f" K{u}hler", "part_fields": {"shift": f"Fr{u}h"}}) for u in ("ü", "u\u0308"))
    assert one == two and len(one.lot) == len("Kühler")
    with pytest.raises(Refused, match="200"):
        part_of({"lot": "\u0958" * 100})  # which is two letters each
    assert patterns.values_in("(?P<lot>.+)_", "Ku\u0308hler_1.png") == {"lot": one.lot}


def test_nothing_said_is_nothing_kept(category, person):
    row = submit(category=category, uploads=[upload()], by=person(), source=Source.API).inspections[0]
    row.refresh_from_db()
    assert (row.lot, row.serial, row.station, row.order, row.part_fields) == ("", "", "", "", {})


@pytest.mark.parametrize(
    ("values", "field", "told"),
    [
        ({"lot": LONG}, "lot", "at most 100 characters; this has 500"),
        ({"serial": "a\tb"}, "serial", "Control characters"),
        ({"order": "a\u2028b"}, "order", "Control characters"),
        ({"station": 7}, "station", "as text"),
        ({"part_fields": {"mould_cavity": LONG}}, "mould_cavity", "at most 100"),
        ({"part_fields": {"mould_cavity": None}}, "mould_cavity", "as text"),
        ({"part_fields": {"colour": "red"}}, "colour", "mould_cavity, shift_leader"),
        ({"part_fields": [1]}, "part_fields", "an object"),
    ],
)
def test_what_cannot_be_kept_is_told_at_its_field(values, field, told):
    with pytest.raises(Refused) as refused:
        part_of(values)
    assert list(refused.value.fields) == [field]
    assert told in refused.value.fields[field][0]


def test_the_names_of_own_fields_are_checked_at_the_start(settings):
    assert own_fields() == {"mould_cavity": "Mould cavity", "shift_leader": "Shift leader"}
    assert _part_fields() == []
    for bad in (["Lot"], ["a", "A"], ["1st"], list("abcdef"), [""]):
        settings.PART_FIELDS = bad
        assert "INSPECTOR_PART_FIELDS" in _part_fields()[0].msg


def test_the_same_key_with_another_lot_is_something_else(category, person):
    def send(lot, content=photo()):  # noqa: B008
        values = {"category": category, "uploads": [upload(content)], "by": person(), "source": Source.API}
        return submit(**values, key="k1", part=Part(lot=lot))

    first = send("A")
    assert send("A").inspections == first.inspections
    with pytest.raises(Refused) as refused:
        send("B")
    assert refused.value.code == "key_reused"


# --- By the API ---
def post(client, category, **values):
    return client.post(
        "/api/inspections/", {"category": category.slug, "images": [upload()], **values}, format="multipart"
    )


def test_the_api_takes_and_tells_them(api_of, category):
    client = api_of("Inspector")
    said = {"lot": "L-7", "serial": "S1", "part_fields": json.dumps({"mould_cavity": "3"})}
    sent = post(client, category, **said)
    assert sent.status_code == 202, sent.data
    told = client.get(f"/api/inspections/{sent.data['inspections'][0]['id']}/").data
    assert (told["lot"], told["serial"], told["station"], told["order"]) == ("L-7", "S1", "", "")
    assert told["part_fields"] == {"mould_cavity": "3"}


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"lot": LONG}, "lot"),
        ({"serial": "a\nb"}, "serial"),
        ({"part_fields": "no json"}, "part_fields"),
        ({"part_fields": '["a"]'}, "part_fields"),
        ({"part_fields": '{"mould_cavity": "\\ud800"}'}, "mould_cavity"),
        ({"part_fields": "[" * 5000}, "part_fields"),
    ],
)
def test_the_api_refuses_with_400_and_nothing_is_written(api_of, category, values, field, media):
    answer = post(api_of("Inspector"), category, **values)
    assert answer.status_code == 400
    assert field in answer.json()["error"]["fields"]
    assert not Inspection.objects.exists() and not Batch.objects.exists()
    assert not [path for path in media.rglob("*") if path.is_file()]


# --- By the form ---
def test_the_form_remembers_all_but_the_serial_for_the_next_batch(client_of, person, category):
    browser = client_of("Inspector")
    values = {"category": category.slug, "images": [upload()], "own_mould_cavity": "3"}
    browser.post("/inspect/", values | {"lot": "L-7", "serial": "S1", "station": "Line 2"})
    row = Inspection.objects.get()
    assert (row.lot, row.serial, row.part_fields) == ("L-7", "S1", {"mould_cavity": "3"})
    for page in ("/inspect/", f"/inspect/station/?category={category.slug}"):
        shown = {one["name"]: one["value"] for one in browser.get(page).context["part_inputs"]}
        assert shown == {
            "lot": "L-7",
            "serial": "",
            "station": "Line 2",
            "order": "",
            "own_mould_cavity": "3",
            "own_shift_leader": "",
        }


def test_another_person_or_a_program_is_nobody_to_remember_by(person):
    BatchFactory.create(submitted_by=person(), part={"lot": "A"})
    BatchFactory.create(submitted_by=person(), part={"lot": "B"}, source=Source.API)
    assert last_part(person()) == {"lot": "A"}
    assert last_part(person("Admin")) == {}


def test_the_form_says_what_is_wrong_with_a_field(client_of, category):
    values = {"category": category.slug, "images": [upload()], "lot": LONG}
    answer = client_of("Inspector").post("/inspect/", values, headers={"HX-Request": "true"})
    assert answer.status_code == 400
    assert "Lot: Use at most 100 characters; this has 500." in answer.content.decode()
    assert not Inspection.objects.exists()


# --- By the command ---
def test_the_command_takes_them(category, person, tmp_path, capsys):
    person("Inspector")
    (tmp_path / "a.png").write_bytes(photo())
    told = ["--lot", "L-7", "--field", "mould_cavity=3", "--wait", "--timeout", "0", "--json"]
    with pytest.raises(SystemExit):
        call_command("inspect", category.slug, str(tmp_path / "a.png"), *told)
    (row,) = json.loads(capsys.readouterr().out)["inspections"]
    assert (row["lot"], row["part_fields"]) == ("L-7", {"mould_cavity": "3"})
    with pytest.raises(CommandError, match="There is no such field"):
        call_command("inspect", category.slug, str(tmp_path / "a.png"), "--field", "colour=red")


def test_the_rows_of_a_lot_come_from_its_index():
    InspectionFactory.create(lot="L-7")
    rows = Inspection.objects.filter(lot="L-7", lot__gt="").order_by("-created", "-pk")
    assert rows.count() == 1
    if connection.vendor == "sqlite":
        assert "inspection_lot" in rows.explain()
