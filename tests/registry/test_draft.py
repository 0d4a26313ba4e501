"""A version's quick draft: what its page says, that promoting puts it to work, and going without it."""

import pytest

from inspector.core.errors import Refused
from inspector.core.models import Event
from inspector.core.roles import Role
from inspector.core.trail import detail_in_words
from inspector.registry.events import VersionEvent
from inspector.registry.models import Standing
from inspector.registry.promote import promote
from inspector.registry.selectors import active_deployment
from inspector.registry.set_limits import set_limits
from tests.factories import DRAFT, CategoryFactory, ModelVersionFactory

pytestmark = pytest.mark.django_db
LIMITS = {"threshold": 0.5, "review_from": 0.4}
ADDRESS = "/categories/nut/limits/"


def make(number=1, draft=DRAFT, standing=Standing.CANDIDATE):
    category = CategoryFactory._meta.model.objects.filter(slug="nut").first()
    config = {"threshold": {"review_from": 0.4, "policy": "limits"}} | ({"draft": draft} if draft else {})
    return ModelVersionFactory.create(
        category=category or CategoryFactory.create(slug="nut", name="Nut"),
        number=number,
        config=config,
        standing=standing,
    )


@pytest.fixture
def version(db):
    return promote(make(), by=None)


@pytest.fixture
def change(version, person):
    def to(**values):
        replaces = active_deployment(version.category).pk
        more = LIMITS | {"reason": "Try", "replaces": replaces, "by": person(Role.ADMIN)} | values
        return set_limits(version.category, **more)

    return to


def text(client, address):
    return " ".join(client.get(address).content.decode().split())


def test_the_page_says_what_it_promises_and_rests_on(version, client_of):
    page = text(client_of(Role.INSPECTOR), version.get_absolute_url())
    for said in (
        "It alone decides about 95 % of good photos",
        "56 ms of processor time on average instead of 98 ms",
        "Of 1,000 verdicts at most 1.0 should differ from the model's",
        "200 copies of 100 of its good photos",
        "130 copies with synthetic damage that the model does not call OK, of which 1 % may pass",
        "in use",
    ):
        assert said in page.replace("&#x27;", "'").replace("\u202f", " "), said
    assert "Quick draft" not in text(client_of(Role.ADMIN), make(2, draft=None).get_absolute_url())


def test_promoting_puts_it_to_work_and_says_so(client_of):
    version = make()
    assert "A quick draft decides clear OKs" in text(
        client_of(Role.ADMIN), version.get_absolute_url() + "promote/"
    )
    promote(version, by=None)
    assert active_deployment(version.category).fast
    other = make(2, draft=None)
    assert "judges without a quick draft" in text(
        client_of(Role.ADMIN), other.get_absolute_url() + "promote/"
    )
    promote(other, by=None)
    assert not active_deployment(version.category).fast


def test_an_admin_goes_without_it_at_once_and_rolling_back_keeps_that(version, client_of, person):
    browser = client_of(Role.ADMIN)
    assert "Fast: a quick draft decides clear OKs" in text(browser, ADDRESS)
    replaces = active_deployment(version.category).pk
    sent = {"threshold": "0.5", "review_from": "0.4", "reason": "An audit", "replaces": replaces}
    browser.post(ADDRESS, sent)
    now = active_deployment(version.category)
    assert (now.fast, now.reason, now.by, now.policy) == (False, "An audit", person(Role.ADMIN), "limits")
    event = Event.objects.get(kind=VersionEvent.LIMITS_CHANGED)
    assert "no quick draft any more" in detail_in_words(event.kind, event.detail)
    promote(make(2), by=None)
    assert "with a quick draft" in text(browser, ADDRESS), "the history of limits says it"
    promote(version, by=None)
    assert not active_deployment(version.category).fast, "as it was at work last"


def test_other_limits_leave_it_as_it_is(change):
    assert change(threshold=0.9, review_from=0.5).fast
    assert not change(fast=False).fast
    assert not change(threshold=0.9).fast
    assert change(threshold=0.9, review_from=None, fast=True).fast, "OK below 0.9 now, more than was measured"


@pytest.mark.parametrize("limits", [{"review_from": 0.3}, {"threshold": 0.3, "review_from": None}])
def test_lower_limits_than_it_was_measured_by_are_for_the_model(version, change, limits, client_of):
    with pytest.raises(Refused) as refused:
        change(**limits)
    assert "measured with OK below 0.4" in refused.value.fields["fast"][0]
    assert change(**limits, fast=False).review_from == limits["review_from"]
    with pytest.raises(Refused):
        change(**limits, fast=True)


def test_a_version_without_one_has_none_to_use(api_of, client_of):
    version = promote(make(draft={"why_not": "It would save next to nothing."}), by=None)
    assert "It would save next to nothing." in text(client_of(Role.INSPECTOR), version.get_absolute_url())
    assert "Fast:" not in text(client_of(Role.ADMIN), ADDRESS)
    api, address = api_of(Role.ADMIN), "/api/categories/nut/deployments/"
    at_work = active_deployment(version.category)
    sent = LIMITS | {"reason": "Faster", "replaces": at_work.pk, "fast": True}
    answer = api.post(address, sent, format="json")
    assert answer.status_code == 400 and "no quick draft" in answer.json()["error"]["message"]
    assert active_deployment(version.category) == at_work and not at_work.fast
