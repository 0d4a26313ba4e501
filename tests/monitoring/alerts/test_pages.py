"""Pages and API of alerts: who may, what is shown, what bad input gets."""

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from inspector.inspections.models import Verdict
from inspector.monitoring.alerts.models import Alert, Answer, Message, Rule, Webhook
from tests.factories import BatchFactory, CategoryFactory, InspectionFactory, ModelVersionFactory
from tests.role_table import ADMIN_ONLY, ALL, answers

pytestmark = pytest.mark.django_db
QA = ALL | {"Inspector": 403}
FORM = {"name": "Row", "limit": "3", "quiet_minutes": "60", "enabled": "on"}


@pytest.fixture
def alert(rule_of):
    category = CategoryFactory.create(slug="nut", name="Nut")
    rule = rule_of("row", limit=3)
    return Alert.objects.create(rule=rule, category=category, words="The last 3 photos.", value=3, limit=3)


@pytest.fixture
def message(alert):
    hook = Webhook.objects.create(name="Line", url="https://hook.example/", secret="whsec_QUJD")
    made = Message.objects.create(
        alert=alert,
        channel="webhook",
        webhook=hook,
        to=hook.url,
        subject="Alert: x",
        body="{}",
        state="failed",
    )
    Answer.objects.create(message=made, status=500, text="<b>broken</b>", milliseconds=12, ok=False)
    return made


@pytest.mark.parametrize(
    ("name", "who"),
    [
        *(("alerts:list", QA), ("alerts:alert", QA)),
        *(("alerts:rules", QA), ("alerts:new-rule", QA), ("alerts:rule", QA)),
        *(("alerts:messages", QA), ("alerts:message", QA)),
        *(("alerts:webhooks", ADMIN_ONLY), ("alerts:webhook", ADMIN_ONLY)),
    ],
)
def test_who_may_open_which_page(client_of, alert, message, name, who):
    rows = {"alerts:alert": alert, "alerts:rule": alert.rule, "alerts:message": message}
    rows["alerts:webhook"] = message.webhook
    address = reverse(name, args=[rows[name].pk] if name in rows else [])
    assert answers(client_of, address) == who


def test_the_bell_counts_what_is_new_until_the_list_was_seen(client_of, alert):
    qa = client_of("QA manager")
    bell = qa.get("/alerts/unread/").content.decode()
    assert "Alerts: 1 new" in bell and "load," not in bell
    assert "Alerts: 1 new" not in qa.post("/alerts/read/").content.decode()
    assert "new" not in qa.get("/alerts/unread/").content.decode().replace("news", "")
    assert "Alerts: 1 new" in client_of("Admin").get("/alerts/unread/").content.decode()
    again = Alert.objects.create(rule=alert.rule, words="Again.", value=3, limit=3)
    assert "Alerts: 1 new" in qa.get("/alerts/unread/").content.decode()
    Alert.objects.filter(pk=again.pk).update(closed=timezone.now())
    assert "Alerts: 1 new" not in qa.get("/alerts/unread/").content.decode()


def test_a_bell_whose_owner_may_no_longer_see_alerts_goes_away_quietly(client_of, alert):
    answer = client_of("Inspector").get("/alerts/unread/", headers={"HX-Request": "true"})
    assert (answer.status_code, answer.content) == (200, b"")
    assert Client().get("/alerts/unread/").status_code == 302


def test_every_page_has_the_bell_for_those_who_see_alerts(client_of):
    assert 'id="bell"' in client_of("QA manager").get("/history/").content.decode()
    assert 'id="bell"' not in client_of("Inspector").get("/history/").content.decode()


def test_open_alerts_come_first_and_are_closed_with_a_note(client_of, alert):
    qa = client_of("QA manager")
    assert "The last 3 photos." in qa.get("/alerts/").content.decode()
    assert qa.post(reverse("alerts:acknowledge", args=[alert.pk])).status_code == 302
    refused = qa.post(reverse("alerts:close", args=[alert.pk]), {"note": ""})
    assert refused.status_code == 400 and "Say what was found and done" in refused.content.decode()
    qa.post(reverse("alerts:close", args=[alert.pk]), {"note": "Lamp was dirty."})
    page = qa.get("/alerts/").content.decode()
    assert "No open alert" in page and "Lamp was dirty." in page
    assert qa.post(reverse("alerts:close", args=[alert.pk]), {"note": "Again."}).status_code == 409


def test_a_rule_is_added_tested_and_changed(client_of):
    qa = client_of("QA manager")
    category = CategoryFactory.create(name="Nut")
    version = ModelVersionFactory.create(category=category)
    InspectionFactory.create_batch(
        4,
        judged=True,
        batch=BatchFactory.create(category=category),
        version=version,
        verdict=Verdict.ANOMALY,
        created=timezone.now(),
    )
    assert "Anomalies in a row" in qa.get("/alerts/rules/new/").content.decode()
    new = "/alerts/rules/new/?kind=row"
    tested = qa.post(new, FORM | {"test": "1"}).content.decode()
    assert "1 alert;" in tested and "Nothing was saved or sent" in tested and not Rule.objects.exists()
    assert qa.post(new, FORM | {"category": category.slug}).status_code == 302
    rule = Rule.objects.get()
    assert (rule.kind, rule.category, rule.limit, rule.enabled) == ("row", category, 3, True)
    refused = qa.post(rule.get_absolute_url(), FORM | {"limit": "1"})
    assert refused.status_code == 400 and "from 2 to 500" in refused.content.decode()
    qa.post(rule.get_absolute_url(), FORM | {"limit": "5"})
    rule.refresh_from_db()
    assert rule.limit == 5
    qa.post(reverse("alerts:retire-rule", args=[rule.pk]))
    assert "No rule yet" in qa.get("/alerts/rules/").content.decode()


def test_limits_are_said_with_their_unit(client_of, rule_of):
    for kind, limit in (("signal", 1), ("signal", 2), ("failed", 1), ("failed", 1234), ("lot", 2.5)):
        rule_of(kind, limit=limit)
    page = client_of("QA manager").get("/alerts/rules/").content.decode()
    for said in ("1 rule at once", "2 rules at once", "1 job<", "1,234 jobs", "2.5 %"):
        assert said in page


def test_a_rule_of_an_archived_category_is_not_one_of_all_by_being_saved(client_of):
    category = CategoryFactory.create(archived=timezone.now())
    rule = Rule.objects.create(name="Nuts", kind="row", limit=3, category=category)
    client, address = client_of("QA manager"), rule.get_absolute_url()
    assert "Archived" in client.get("/alerts/rules/").content.decode()
    assert f'<option value="{category.slug}" selected>' in client.get(address).content.decode()
    values = {"name": "Nuts!", "category": category.slug, "limit": 3, "quiet_minutes": 5, "enabled": "on"}
    assert client.post(address, values).status_code == 302
    rule.refresh_from_db()
    assert (rule.name, rule.category) == ("Nuts!", category)


def test_a_kind_whose_past_is_not_kept_says_so(client_of):
    form = FORM | {"limit": "10", "test": "1"}
    page = client_of("QA manager").post("/alerts/rules/new/?kind=disk", form).content.decode()
    assert "cannot be tested" in page


def test_the_log_shows_bodies_and_answers_and_sends_again(client_of, message):
    qa = client_of("QA manager")
    page = qa.get(reverse("alerts:message", args=[message.pk])).content.decode()
    assert "&lt;b&gt;broken&lt;/b&gt;" in page and "500" in page and message.message_id in page
    qa.post(reverse("alerts:send-again", args=[message.pk]))
    message.refresh_from_db()
    assert message.state == "waiting"


def test_webhooks_are_kept_by_admins(client_of, receiver):
    admin = client_of("Admin")
    refused = admin.post("/alerts/webhooks/", {"name": "x", "url": "http://169.254.169.254/"})
    assert refused.status_code == 400 and "may not reach this machine" in refused.content.decode()
    admin.post("/alerts/webhooks/", {"name": "Line", "url": receiver.url})
    hook = Webhook.objects.get()
    assert hook.secret in admin.get(reverse("alerts:webhook", args=[hook.pk])).content.decode()
    admin.post(reverse("alerts:webhook", args=[hook.pk]), {"name": "Line 2", "url": receiver.url})
    admin.post(reverse("alerts:renew-secret", args=[hook.pk]))
    admin.post(reverse("alerts:test-webhook", args=[hook.pk]))
    assert Message.objects.get().webhook.name == "Line 2"
    admin.post(reverse("alerts:retire-webhook", args=[hook.pk]))
    hook.refresh_from_db()
    assert hook.retired
    assert client_of("QA manager").post("/alerts/webhooks/", {}).status_code == 403


def test_a_list_that_is_cut_off_says_of_how_many(client_of, alert, rule_of):
    rules = Rule.objects.bulk_create(Rule(name=f"Rule {n}", kind="row", limit=3) for n in range(204))
    Alert.objects.bulk_create(Alert(rule=rule, words="x", value=3, limit=3) for rule in rules)
    page = " ".join(client_of("QA manager").get("/alerts/").content.decode().split())
    assert "The newest 200 of 205 are listed." in page


def test_queries_do_not_grow_with_alerts(client_of, alert, django_assert_max_num_queries):
    for _ in range(20):
        Alert.objects.create(rule=alert.rule, words="x", value=3, limit=3, over=timezone.now())
    qa = client_of("QA manager")
    with django_assert_max_num_queries(10):
        qa.get("/alerts/")


# --- API -------------------------------------------------------------------------------------
def test_alerts_in_the_api(api_of, alert, message):
    qa = api_of("QA manager")
    (found,) = qa.get("/api/alerts/?standing=open&category=nut").json()["results"]
    assert (found["words"], found["category"], found["kind"]) == ("The last 3 photos.", "nut", "row")
    assert qa.post(f"/api/alerts/{alert.pk}/acknowledge/", {}).json()["acknowledged_by"] == "qa-manager"
    assert qa.post(f"/api/alerts/{alert.pk}/acknowledge/", {}).status_code == 409
    assert qa.post(f"/api/alerts/{alert.pk}/close/", {}).status_code == 400
    assert qa.post(f"/api/alerts/{alert.pk}/close/", {"note": "Done."}).json()["note"] == "Done."
    assert qa.get("/api/alerts/?standing=open").json()["results"] == []
    (sent,) = qa.get("/api/alert-messages/").json()["results"]
    assert sent["answers"][0]["status"] == 500
    assert qa.post(f"/api/alert-messages/{message.pk}/again/").status_code == 202
    assert qa.post(f"/api/alert-messages/{message.pk}/again/").status_code == 409
    assert api_of("Inspector").get("/api/alerts/").status_code == 403


def test_rules_in_the_api(api_of):
    qa = api_of("QA manager")
    made = qa.post("/api/alert-rules/", {"name": "Row", "kind": "row", "limit": 3}, format="json")
    assert made.status_code == 201 and made.json()["quiet_minutes"] == 60
    one = f"/api/alert-rules/{made.json()['id']}/"
    assert qa.patch(one, {"limit": 7}, format="json").json()["limit"] == 7
    refused = qa.patch(one, {"limit": 1}, format="json")
    assert refused.status_code == 400 and "limit" in refused.json()["error"]["fields"]
    asked = {"name": "x", "kind": "row", "limit": 3, "webhooks": [1] * 5000}
    refused = qa.post("/api/alert-rules/", asked, format="json")
    assert refused.status_code == 400 and "Give at most 100; these are 5,000." in refused.text
    assert qa.post("/api/alert-rules/", {"name": "x", "kind": "no", "limit": 3}).status_code == 400
    assert len(qa.get("/api/alert-rules/").json()["results"]) == 1
    form = qa.post("/api/alert-rules/", {"name": "Row", "kind": "row", "limit": 3}, format="multipart")
    assert form.json()["enabled"], "what it leaves out is not false"
    assert api_of("Inspector").get(one).status_code == 403
