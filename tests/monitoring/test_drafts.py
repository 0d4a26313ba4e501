"""What is said of a quick draft by the photos that the model has judged, too."""

import pytest

from inspector.core.roles import Role
from inspector.inspections.models import Inspection
from inspector.monitoring import drafts
from inspector.monitoring.drafts import compared
from inspector.registry.models import Deployment, ModelVersion
from tests.factories import DRAFT, BatchFactory, InspectionFactory, ModelVersionFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def version() -> ModelVersion:
    made = ModelVersionFactory.create()
    ModelVersion.objects.filter(pk=made.pk).update(config=made.config | {"draft": DRAFT})
    return ModelVersion.objects.get(pk=made.pk)


def judge(version: ModelVersion, agrees: list[bool | None]) -> list[Inspection]:
    batch = BatchFactory.create(category=version.category)
    return [
        InspectionFactory.create(judged=True, batch=batch, version=version, draft_agrees=one)
        for one in agrees
    ]


def test_only_what_both_judged_counts_and_the_newest_others_are_named(
    version, client_of, django_assert_num_queries
):
    rows = judge(version, [True, None, False, True, False, None])
    seen = compared(version)
    assert (seen.n, seen.others, seen.too_many) == (4, 2, True)
    assert seen.low < 0.5 < seen.high
    assert seen.examples == [rows[4], rows[2]]
    page = client_of(Role.QA_MANAGER).get(version.get_absolute_url()).text
    assert "More than promised." in page and "2 of them got another verdict" in page
    assert rows[4].get_absolute_url() in page


def test_what_changed_lately_is_not_hidden_by_what_was(version, monkeypatch):
    judge(version, [True] * 39 + [False])
    assert not compared(version).too_many, "one of 40 may be chance"
    monkeypatch.setattr(drafts, "NEWEST", 1)
    assert (compared(version).n, compared(version).too_many) == (1, True)


def test_a_draft_that_no_worker_uses_says_so(version, client_of, monkeypatch):
    monkeypatch.setattr(drafts, "IDLE", 3)
    at_work = version.deployments.get()
    Deployment.objects.filter(pk=at_work.pk).update(fast=True)
    batch, words = BatchFactory.create(category=version.category), "decided none of the last 3 photos"
    made = {"judged": True, "batch": batch, "version": version, "deployment": at_work}

    def page() -> str:
        return client_of(Role.QA_MANAGER).get(version.get_absolute_url()).text

    for _ in range(3):
        assert words not in page(), "too few to tell"
        newest = InspectionFactory.create(**made)
    assert words in page()
    Inspection.objects.filter(pk=newest.pk).update(drafted=True)
    assert words not in page()


def test_versions_without_a_draft_have_nothing_to_compare(version):
    assert compared(ModelVersionFactory.create()) is None
    assert compared(version).n == 0
