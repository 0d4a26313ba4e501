"""The pages of lots and serials, and decisions about lots: who may, what counts, what bad input gets."""

import pytest
from django.db import IntegrityError

from inspector.categories.models import Category
from inspector.core.errors import Conflict
from inspector.core.models import Event
from inspector.core.roles import Role
from inspector.inspections.models import Inspection, Outcome, Verdict
from inspector.inspections.of_part import address_of, rows_of
from inspector.reviews import lots
from inspector.reviews.decide import Finding, decide
from inspector.reviews.lots import decide_lot, decisions
from inspector.reviews.models import LotDecision
from inspector.site.lots import NOT_REVIEWED, WITHOUT_TYPE, counts, defects
from tests.factories import CategoryFactory, InspectionFactory, ModelVersionFactory
from tests.role_table import ALL, answers

pytestmark = pytest.mark.django_db
ODD = ["a/b", "/a", "a//b", "..", "a/..", "a/", "L 7?x=1#y%2F", "Größe 5 & <b>", "a\\b", "+;:@", "100%"]


@pytest.fixture
def made():
    """Judged photos of a lot."""
    first = InspectionFactory.create(judged=True, lot="L-7", serial="S1", station="Line 2")

    def make(n=1, **values):
        judged = {"judged": True, "version": first.version} if values.pop("judged", True) else {}
        return InspectionFactory.create_batch(n, batch=first.batch, **{"lot": "L-7"} | judged | values)

    return make


@pytest.mark.parametrize("address", ["/lots/", "/lots/L-7/", "/serials/S1/", "/lots/?name=L-7"])
def test_who_may_open_which_page(client_of, made, address):
    assert answers(client_of, address) == ALL


@pytest.mark.parametrize("name", ODD)
def test_every_name_has_its_page(client_of, name):
    InspectionFactory.create(lot=name, serial=name)
    browser = client_of()
    for field in ("lot", "serial"):
        page = browser.get(address_of(field, name))
        assert (page.status_code, page.context["name"]) == (200, name)
    assert browser.get("/lots/").context["lots"][0]["address"] == address_of("lot", name)


@pytest.mark.parametrize(
    "address", ["/lots/nothing/", "/serials/nothing/", f"/lots/{'x' * 500}/", "/serials/", "/lots/?name=x"]
)
def test_what_there_is_no_photo_of_has_no_page(client_of, made, address):
    assert client_of().get(address).status_code == 404


def test_photos_without_a_lot_are_no_lot(made):
    InspectionFactory.create(lot="")
    assert not rows_of("lot", "").exists()


def test_a_lot_counts_its_outcomes_and_ranks_its_defects(made, person):
    bad = made(5)
    for row, name in zip(bad, ["Scratch", "Scratch", "Dent", None], strict=False):
        decide(row, Finding("defective", name), by=person("Admin"))
    made(verdict=Verdict.OK, outcome=Outcome.GOOD)
    made(verdict=Verdict.REVIEW, outcome=Outcome.OPEN)
    made(judged=False)
    made(3, lot="L-8")
    found = counts(rows_of("lot", "L-7"))
    assert (found.total, found.good, found.defective, found.undecided, found.waiting) == (9, 1, 6, 1, 1)
    bars = defects(rows_of("lot", "L-7"))
    assert [bar.count for bar in bars] == [2, 2, 1, 1]
    named = {bar.name: bar.count for bar in bars}
    assert named == {"Scratch": 2, NOT_REVIEWED: 2, "Dent": 1, WITHOUT_TYPE: 1}
    assert bars[-1].cumulative == 1


def test_the_page_narrows_by_outcome(client_of, made):
    good = made(verdict=Verdict.OK, outcome=Outcome.GOOD)
    page = client_of().get("/lots/L-7/?outcome=good")
    assert page.context["page"].rows == good
    assert len(client_of().get("/lots/L-7/?outcome=nonsense").context["page"].rows) == 2


def test_the_page_of_a_serial_shows_every_photo_of_that_part(client_of, made):
    rows = made(2, serial="S1", lot="L-8")
    page = client_of().get("/serials/S1/")
    assert len(page.context["page"].rows) == 3 and page.context["lots"] == ["L-7", "L-8"]
    assert f"/inspections/{rows[0].pk}/" in page.content.decode()


def test_the_pages_of_a_photo_lead_to_its_lot_and_serial(client_of, made):
    (row,) = made(serial="S/1", order="4711", part_fields={"gone_field": "x"})
    page = client_of().get(f"/inspections/{row.pk}/").content.decode()
    for shown in ('href="/lots/L-7/"', 'href="/serials/S/1/"', "4711", "Gone field"):
        assert shown in page
    batch = client_of().get(row.batch.get_absolute_url()).content.decode()
    assert 'href="/lots/L-7/"' in batch


def test_a_lot_costs_few_queries(client_of, made, django_assert_max_num_queries):
    made(40, serial="S2")
    browser = client_of()
    browser.get("/lots/L-7/")
    with django_assert_max_num_queries(22):
        browser.get("/lots/L-7/")


# --- Decisions ---
def test_qa_managers_decide_and_every_decision_stays(client_of, made):
    browser = client_of(Role.QA_MANAGER)
    assert browser.post("/lots/L-7/", {"status": "blocked", "reason": "Scratches"}).status_code == 302
    page = browser.post("/lots/L-7/", {"status": "released", "reason": "Sorted", "seen": "1"}, follow=True)
    assert "Scratches" in page.content.decode() and "Sorted" in page.content.decode()
    nut = Category.objects.get()
    kept = [(one.number, one.status, one.person.username) for one in decisions("L-7", nut)]
    assert kept == [(2, "released", "qa-manager"), (1, "blocked", "qa-manager")]
    event = Event.objects.get(kind="lot.decided", detail__status="released")
    assert event.subject_name == "Lot L-7" and event.detail["before"] == "blocked"
    assert event.category_id == nut.pk
    assert lots.statuses(["L-7", "L-8"])["L-7", nut.pk].status == "released"


def test_inspectors_see_and_do_not_decide(client_of, made):
    browser = client_of()
    assert browser.post("/lots/L-7/", {"status": "blocked", "reason": "x"}).status_code == 403
    assert "Decide</button>" not in browser.get("/lots/L-7/").content.decode()
    assert not LotDecision.objects.exists()


@pytest.mark.parametrize(
    ("sent", "status", "told"),
    [
        ({"status": "blocked", "reason": " "}, 400, "Say why"),
        ({"status": "blocked", "reason": "x" * 501}, 400, "at most 500"),
        ({"status": "eaten", "reason": "x"}, 400, "Choose one of"),
        ({"status": "blocked", "reason": "x", "seen": "7"}, 409, "meanwhile"),
    ],
)
def test_what_cannot_be_decided_says_why_and_keeps_what_was_typed(client_of, made, sent, status, told):
    page = client_of(Role.QA_MANAGER).post("/lots/L-7/", sent)
    assert page.status_code == status
    assert told in page.content.decode() and sent["reason"] in page.content.decode()
    assert not LotDecision.objects.exists()


def test_of_two_decisions_at_once_one_is_taken(made, person, monkeypatch):
    decide_lot("L-7", status="blocked", reason="x", by=person("Admin"))
    monkeypatch.setattr(lots, "decisions", lambda *of: LotDecision.objects.none())  # not seen yet
    with pytest.raises(Conflict):
        decide_lot("L-7", status="released", reason="x", by=person("Admin"))
    assert LotDecision.objects.count() == 1


def test_the_database_refuses_a_second_decision_of_a_number(made, person):
    values = {"lot": "L-7", "number": 1, "status": "blocked", "reason": "x", "person": person("Admin")}
    values["category"] = Category.objects.get()
    LotDecision.objects.create(**values)
    with pytest.raises(IntegrityError):
        LotDecision.objects.create(**values)


# --- Two categories with lots of one name ---
@pytest.fixture
def two(made):
    """Categories nut and bolt, each with a lot L-7."""
    made()
    nut = Category.objects.get()
    bolt = CategoryFactory.create(slug="bolt")
    version = ModelVersionFactory.create(category=bolt)
    InspectionFactory.create_batch(2, judged=True, lot="L-7", batch__category=bolt, version=version)
    return nut, bolt


def test_each_category_decides_about_its_own_lot(client_of, two):
    nut, bolt = two
    qa = client_of(Role.QA_MANAGER)
    both = qa.get("/lots/L-7/")
    assert both.context["counts"].total == 4 and "Decide</button>" not in both.content.decode()
    sent = {"status": "blocked", "reason": "Scratches"}
    refused = qa.post("/lots/L-7/", sent)
    assert refused.status_code == 400 and "Say of which category" in refused.content.decode()
    address = address_of("lot", "L-7", bolt.slug)
    assert qa.post(address, sent)["Location"] == address
    page = qa.get(address)
    assert page.context["counts"].total == 2 and "Scratches" in page.content.decode()
    assert [one.status for one in decisions("L-7", bolt)] == ["blocked"]
    assert not decisions("L-7", nut).exists()
    assert qa.get(address_of("lot", "L-7", nut.slug)).context["counts"].total == 2
    assert qa.get("/lots/L-7/?category=none").status_code == 404
    listed = {row["category__slug"]: row for row in qa.get("/lots/").context["lots"]}
    assert listed["bolt"]["decision"].status == "blocked" and listed["bolt"]["address"] == address
    assert listed[nut.slug]["decision"] is None


def test_the_api_asks_of_which_category(api_of, two):
    nut, bolt = two
    qa = api_of(Role.QA_MANAGER)
    sent = {"lot": "L-7", "status": "released", "reason": "Sorted"}
    for answer in (qa.post("/api/lot-decisions/", sent, format="json"), qa.get("/api/lots/", {"lot": "L-7"})):
        assert (answer.status_code, list(answer.json()["error"]["fields"])) == (400, ["category"])
    made = qa.post("/api/lot-decisions/", sent | {"category": "bolt"}, format="json")
    assert (made.status_code, made.data["category"], made.data["number"]) == (201, "bolt", 1)
    for category, decision in ((bolt, "released"), (nut, None)):
        told = qa.get("/api/lots/", {"lot": "L-7", "category": category.slug}).data
        assert told["counts"]["total"] == 2
        assert (told["decision"] or {}).get("status") == decision
    other = CategoryFactory.create()
    assert qa.get("/api/lots/", {"lot": "L-7", "category": other.slug}).status_code == 404


# --- In the API ---
def test_the_api_tells_and_decides_alike(api_of, made):
    qa, inspector = api_of(Role.QA_MANAGER), api_of()
    sent = {"lot": "L-7", "status": "blocked", "reason": "Scratches"}
    assert inspector.post("/api/lot-decisions/", sent, format="json").status_code == 403
    assert qa.post("/api/lot-decisions/", sent, format="json").status_code == 201
    assert qa.post("/api/lot-decisions/", sent, format="json").status_code == 409
    assert qa.post("/api/lot-decisions/", sent | {"lot": "L-9"}, format="json").status_code == 404
    told = inspector.get("/api/lots/", {"lot": "L-7"}).data
    assert (told["counts"]["total"], told["decision"]["status"]) == (1, "blocked")
    assert [bar["name"] for bar in told["defects"]] == [NOT_REVIEWED]
    assert inspector.get("/api/lot-decisions/", {"lot": "L-7"}).data["results"][0]["reason"] == "Scratches"
    assert inspector.get("/api/lots/", {"lot": "x" * 500}).status_code == 400
    assert inspector.get("/api/lots/", {"lot": "none"}).status_code == 404
    assert Inspection.objects.count() == 1
