"""Pages and API of reviews: who may, what is shown, what bad input gets."""

from uuid import uuid4

import pytest
from django.urls import reverse

from inspector.core.models import Event
from inspector.core.roles import Role
from inspector.inspections.models import Verdict
from inspector.reviews.decide import Finding, decide
from inspector.reviews.enqueue import enqueue, rules_of
from inspector.reviews.models import DefectType, Entry, Review, Withdrawal
from inspector.reviews.queue import lend, order_named
from inspector.reviews.rules import change_rules, choose_golden
from tests.factories import CategoryFactory, InspectionFactory, SampleFactory
from tests.role_table import ALL, answers

pytestmark = pytest.mark.django_db
JSON = {"HTTP_ACCEPT": "application/json"}


@pytest.fixture
def row():
    category = CategoryFactory.create(slug="nut", name="Nut")
    found = InspectionFactory.create(
        judged=True, batch__category=category, verdict=Verdict.REVIEW, score=0.45
    )
    found.refresh_from_db()
    enqueue([found])
    return found


@pytest.fixture
def qa(client_of):
    return client_of(Role.QA_MANAGER)


def decide_at(row):
    return reverse("reviews:decide", args=[row.pk])


@pytest.mark.parametrize("address", ["/review/", "/categories/nut/review-rules/"])
def test_who_may_open_which_page(client_of, row, address):
    assert answers(client_of, address) == ALL | {"Inspector": 403}


@pytest.mark.parametrize("address", ["/review/", "/review/grid/"])
def test_who_asks_for_headers_gets_no_photos_in_hand(qa, row, address):
    assert qa.head(address).status_code == 200
    assert Entry.objects.get(inspection=row).lent_to is None


def test_inspectors_do_not_decide(client_of, row):
    answer = client_of(Role.INSPECTOR).post(decide_at(row), {"decision": "good"}, **JSON)
    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "may_not_decide")


def test_the_queue_shows_why_it_is_there_and_what_can_be_said(qa, row):
    SampleFactory.create(category=row.category, split="test", label="blot")
    page = qa.get("/review/").content.decode()
    assert "REVIEW verdict" in page and row.filename in page
    assert 'value="blot"' in page, "a kind of the test samples is offered"
    # As a browser sends it: the field for another name is in the form, too.
    qa.post(decide_at(row), {"suggested": "blot", "defect_name": "", "decision": ""})
    assert Review.objects.get().defect_type.name == "blot"


def test_queries_do_not_grow_with_the_queue(qa, row, django_assert_max_num_queries):
    for _ in range(8):
        more = InspectionFactory.create(
            judged=True, batch=row.batch, version=row.version, verdict=Verdict.REVIEW
        )
        more.refresh_from_db()
        enqueue([more])
    with django_assert_max_num_queries(46):
        qa.get("/review/")


def test_an_empty_queue_says_what_comes_in(qa):
    assert "Nothing left to review" in qa.get("/review/").content.decode()


def test_a_decision_without_scripts_leads_to_the_next_photo(qa, row):
    answer = qa.post(
        decide_at(row), {"decision": "good", "from": "queue", "category": "nut", "sort": "worst"}, follow=True
    )
    assert answer.redirect_chain[0][0] == "/review/?category=nut&sort=worst"
    page = answer.content.decode()
    assert f"{row.filename}: Good." in page and "Undo the last decision" in page
    review = Review.objects.get()
    qa.post(reverse("reviews:withdraw", args=[review.pk]), {"from": "queue"})
    assert Entry.objects.get().closed is None


@pytest.mark.parametrize(
    ("sent", "field"),
    [
        ({}, "decision"),
        ({"decision": "maybe"}, "decision"),
        ({"decision": "defective", "defect": "999"}, "defect"),
        ({"decision": "defective", "defect": "x"}, "defect"),
        ({"decision": "good", "seen": "0"}, "seen"),
        ({"decision": "good", "operation": "x"}, "operation"),
        ({"decision": "good", "comment": "x" * 501}, "comment"),
    ],
)
def test_bad_input_is_told_at_its_field(qa, row, sent, field):
    answer = qa.post(decide_at(row), sent, **JSON)
    assert answer.status_code == 400
    assert field in answer.json()["error"]["fields"]
    assert qa.post(decide_at(row), sent).status_code == 302, "and on the page"


def test_a_page_that_is_behind_gets_a_conflict(qa, row, person):
    decide(row, Finding("good"), by=person(Role.ADMIN))
    answer = qa.post(decide_at(row), {"decision": "defective", "seen": ""}, **JSON)
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "decided_meanwhile")


def test_what_was_typed_for_a_decision_that_is_refused_is_in_the_form_again(qa, row, person):
    decide(row, Finding("good"), by=person(Role.ADMIN))
    sent = {"decision": "defective", "comment": "At <the> rim", "defect_name": "blot", "severity": "minor"}
    qa.post(decide_at(row), sent | {"seen": ""})
    other = InspectionFactory.create(judged=True, batch=row.batch, version=row.version)
    assert "At &lt;the&gt; rim" not in _reviews_of(qa, other)
    again = " ".join(_reviews_of(qa, row).split())
    assert 'value="At &lt;the&gt; rim"' in again and 'value="blot"' in again
    assert '<option value="minor" selected>' in again
    assert "At &lt;the&gt; rim" not in _reviews_of(qa, row), "and once"


def test_why_somebody_takes_a_decision_back_is_asked_again_with_what_was_typed(
    client_of, row, person, settings
):
    settings.CONFIRM_PASSWORD = True
    review = decide(row, Finding("good"), by=person(Role.QA_MANAGER))
    admin = client_of(Role.ADMIN)
    address = reverse("reviews:withdraw", args=[review.pk])
    admin.post(address, {"reason": "Wrong <lamp>", "own_password": "wrong"})
    again = _reviews_of(admin, row)
    assert "Wrong &lt;lamp&gt;" in again and "<details open>" in again
    assert "Wrong &lt;lamp&gt;" not in _reviews_of(admin, row), "and once"
    assert not Withdrawal.objects.exists()


def _reviews_of(client, row):
    return client.get(reverse("reviews:of-inspection", args=[row.pk])).content.decode()


def test_the_cards_in_hand_are_sent_again(qa, row):
    page = qa.post("/review/more/", {"category": "nut"}).content.decode()
    assert f'data-inspection="{row.pk}"' in page and 'data-left="1"' in page
    shown = qa.post("/review/more/", {"category": "nut", "shown": [row.pk, "x"]}).content.decode()
    assert f'data-kept="{row.pk}"' in shown


def test_an_inspection_shows_both_verdict_and_decision(client_of, row, person):
    decide(row, Finding("defective", defect="Scratch", comment="At the rim"), by=person(Role.QA_MANAGER))
    address = reverse("reviews:of-inspection", args=[row.pk])
    for role in Role:
        part = client_of(role).get(address).content.decode()
        assert "Defective" in part and "Scratch" in part and "At the rim" in part
    assert address in client_of().get(row.get_absolute_url()).content.decode()


def test_an_inspector_disputes_a_verdict(client_of, person):
    own = InspectionFactory.create(judged=True, submitted_by=person(), batch__submitted_by=person())
    client = client_of()
    assert (
        "Dispute the verdict" in client.get(reverse("reviews:of-inspection", args=[own.pk])).content.decode()
    )
    client.post(reverse("reviews:dispute", args=[own.pk]), {"reason": "A reflection"})
    assert Entry.objects.get(inspection=own).disputed


def test_rules_and_defect_types_are_changed_on_their_page(qa, row):
    address = "/categories/nut/review-rules/"
    sent = {"share": "0.05", "at_least": "0", "inspectors_decide": "on"}
    assert qa.post(address, sent).status_code == 302
    found = rules_of(row.category)
    assert (found.share, found.at_least, found.anomalies, found.inspectors_decide) == (0.05, 0, False, True)
    assert qa.post(address, sent | {"share": "2"}).status_code == 400
    add = "/categories/nut/defect-types/"
    assert qa.post(add, {"name": "Scratch", "severity": "minor", "key": "3"}).status_code == 302
    assert qa.post(add, {"name": "Dent", "severity": "minor", "key": "3"}).status_code == 409
    assert not DefectType.objects.filter(name="Dent").exists(), "nothing half written"
    scratch = DefectType.objects.get(name="Scratch")
    assert (scratch.severity, scratch.key) == ("minor", 3)
    change = f"/defect-types/{scratch.pk}/"
    assert qa.post(change, {"name": "Deep scratch", "severity": "major", "key": "4"}).status_code == 302
    assert qa.post(f"{change}retire/").status_code == 302
    scratch.refresh_from_db()
    assert scratch.name == "Deep scratch" and scratch.retired


def test_the_trail_says_what_a_change_replaced(client_of, qa, row):
    sent = {"share": "0.05", "at_least": "5", "anomalies": "on"}
    for share in ("0.05", "0.2", "0.2"):
        qa.post("/categories/nut/review-rules/", sent | {"share": share})
    page = client_of(Role.ADMIN).get("/trail/?kind=queue_rules.changed").content.decode()
    assert "share was 0.05" in page and "share was 0.2)" not in page
    assert Event.objects.filter(kind="queue_rules.changed").count() == 2, "saved as it was it is no change"


def test_two_who_change_the_rules_at_once_each_change_their_own(row, person):
    """Both have read them before there was a row."""
    one, other = rules_of(row.category), rules_of(row.category)
    sample = SampleFactory.create(category=row.category)
    change_rules(one, by=person(Role.QA_MANAGER), share=0.5)
    choose_golden(other, sample, by=person(Role.ADMIN))
    change_rules(one, by=person(Role.QA_MANAGER), at_least=0)
    now = rules_of(row.category)
    assert (now.share, now.at_least, now.golden) == (0.5, 0, sample)


def test_what_a_program_leaves_out_of_a_defect_type_stays(api_of, row):
    api, types = api_of(Role.QA_MANAGER), "/api/categories/nut/defect-types/"
    crack = {"name": "Crack", "severity": "critical", "description": "Through the rim"}
    assert api.post(types, crack, format="json").json()["severity"] == "critical"
    kept = api.post(types, {"name": "crack", "key": 7}, format="json").json()
    assert (kept["severity"], kept["description"], kept["key"]) == ("critical", "Through the rim", 7)
    assert api.post(types, {"name": "Dent"}, format="json").json()["severity"] == "major"
    kinds = Event.objects.order_by("pk").values_list("kind", flat=True)
    assert list(kinds)[-3:] == ["defect_type.changed", "defect_type.changed", "defect_type.added"]


def test_api(api_of, row, client_of):
    api = api_of(Role.QA_MANAGER)
    sent = {
        "inspection": row.pk,
        "decision": "defective",
        "defect_type": "Scratch",
        "operation": str(uuid4()),
    }
    made = api.post("/api/reviews/", sent, format="json")
    assert made.status_code == 201 and made.json()["defect_type"] == "Scratch"
    assert api.post("/api/reviews/", sent, format="json").json()["id"] == made.json()["id"]
    shown = api.get(f"/api/inspections/{row.pk}/").json()
    assert (shown["verdict"], shown["outcome"]) == ("REVIEW", "defective") and shown["reviewed"]
    assert api.get("/api/reviews/?category=nut").json()["results"][0]["verdict"] == "REVIEW"
    behind = sent | {"seen": None, "operation": str(uuid4())}
    assert api.post("/api/reviews/", behind, format="json").status_code == 409
    withdrawn = api.post(f"/api/reviews/{made.json()['id']}/withdraw/", {}, format="json")
    assert withdrawn.json()["withdrawal"]["person"] == "qa-manager"
    assert api.get("/api/categories/nut/defect-types/").json()["results"][0]["key"] == 1
    inspector = api_of(Role.INSPECTOR)
    assert inspector.post("/api/reviews/", sent, format="json").status_code == 403
    assert (
        inspector.post("/api/categories/nut/defect-types/", {"name": "x"}, format="json").status_code == 403
    )
    doubted = inspector.post(f"/api/inspections/{row.pk}/dispute/", {"reason": "x"}, format="json")
    assert doubted.json()["error"]["code"] == "not_yours"


def test_what_somebody_else_has_in_hand_is_not_shown(qa, row, person):
    lend(person(Role.ADMIN), category=None, order=order_named(""))
    page = qa.get("/review/").content.decode()
    assert row.filename not in page and "Other people may have some in hand" in page
