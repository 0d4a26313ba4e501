"""The test photos of a version: kept as rows, counted as its metrics count, shown beside another version."""

import re

import pytest

from inspector.core.roles import Role
from inspector.registry import photos
from inspector.registry.compare import compare
from inspector.registry.models import Standing
from inspector.registry.pairs import paired
from inspector.registry.register import register
from inspector.samples.models import Sample
from inspector.samples.remove_samples import remove_samples
from tests.factories import (
    SCORES,
    CategoryFactory,
    JudgementFactory,
    ModelVersionFactory,
    SampleFactory,
    digest,
)
from tests.role_table import ALL, answers

pytestmark = pytest.mark.django_db
NONSENSE = f"x.png,good,much,0.5,OK,,x\nx.png,good,0.1,0.5,OK,,no-hash\n{digest(9)}.png,,1,1,OK,,\nhalf a li"


def body(response):
    assert response.status_code == 200
    return " ".join(response.content.decode().split())


# --- Rows ------------------------------------------------------------------------------------
def test_a_run_s_scores_become_rows(run_dir, result):
    category = CategoryFactory.create(slug="nut")
    sample = SampleFactory.create(
        category=category, split="test", label="scratch", sha256=digest(2), filename="a.png"
    )
    (run_dir / "scores.csv").write_text(SCORES + NONSENSE)
    result.config["threshold"] = {}
    version = register(category, run_dir, "unet", result)
    rows = {row.sha256: row for row in version.judgements.all()}
    assert len(rows) == 4
    row = rows[digest(2)]
    assert (row.sample, row.filename, row.label) == (sample, "a.png", "scratch")
    assert (row.score, row.threshold, row.verdict) == (0.52, 0.55, "OK")
    assert (rows[digest(1)].sample, rows[digest(1)].filename) == (None, f"{digest(1)}.png")


def test_a_real_run_s_rows_count_what_its_metrics_count(client_of, active_version):
    version = active_version()
    assert version.metrics["n_good"] + version.metrics["n_defect"] == version.judgements.count() == 8
    assert version.judgements.filter(p_value__isnull=False).count() == 8
    page = body(client_of(Role.QA_MANAGER).get(version.get_absolute_url()))
    confusion = version.metrics["confusion"]
    for show, count in (("missed", confusion["fn"]), ("false-alarms", confusion["fp"])):
        assert f'/photos/?show={show}">{count} of 4</a>' in page
        found = client_of().get(f"{version.get_absolute_url()}photos/?show={show}").context["page"]
        assert found.paginator.count == count


def test_rows_outlive_the_sample_and_its_version_takes_them_along(client_of):
    row = JudgementFactory.create()
    assert remove_samples(row.version.category, [row.sample_id], by=None) == 1
    row.refresh_from_db()
    assert (row.sample, row.sha256) == (None, row.sha256)
    assert "Removed from the samples" in body(client_of().get(f"{row.version.get_absolute_url()}photos/"))


# --- The page --------------------------------------------------------------------------------
@pytest.fixture
def version():
    """v2, active: of two scratches one is missed; of three good ones two are false alarms."""
    category = CategoryFactory.create(slug="nut", name="Nut")
    metrics = {
        "n_good": 3,
        "n_defect": 2,
        "confusion": {"tp": 1, "fn": 1, "fp": 2, "tn": 1},
        "by_defect": {"scratch": {"n": 2, "flagged": 1, "recall": 0.5, "image_auroc": 0.5}},
    }
    version = ModelVersionFactory.create(category=category, number=2, metrics=metrics)
    for label, score in (("scratch", 6.3), ("scratch", 0.2), ("good", 0.6), ("good", 0.7), ("good", 0.1)):
        JudgementFactory.create(version=version, label=label, score=score)
    return version


@pytest.fixture
def former(version):
    """v1: judged the same photos, and found both scratches."""
    former = ModelVersionFactory.create(
        category=version.category, number=1, standing=Standing.RETIRED, metrics=version.metrics
    )
    for row in version.judgements.all():
        score = 1.0 if row.label == "scratch" else row.score
        JudgementFactory.create(version=former, label=row.label, sample=row.sample, score=score)
    return former


def shown(response):
    return [round(row.score, 2) for row in response.context["page"]]


@pytest.mark.parametrize(
    ("query", "scores"),
    [
        ("", [6.3, 0.7, 0.6, 0.2, 0.1]),
        ("?sort=lowest", [0.1, 0.2, 0.6, 0.7, 6.3]),
        ("?show=missed", [0.2]),
        ("?show=false-alarms", [0.7, 0.6]),
        ("?show=review", []),
        ("?show=differ", [0.2]),
        ("?label=scratch", [6.3, 0.2]),
        ("?label=scratch&show=missed", [0.2]),
        ("?label=rust", []),
        ("?show=nonsense&page=99", [6.3, 0.7, 0.6, 0.2, 0.1]),
        ("?beside=77&page=x", [6.3, 0.7, 0.6, 0.2, 0.1]),
    ],
)
def test_the_photos_are_narrowed_by_the_address(client_of, version, former, query, scores):
    assert shown(client_of().get(f"/categories/nut/v2/photos/{query}")) == scores


def test_who_sees_them(client_of, version):
    assert answers(client_of, "/categories/nut/v2/photos/") == ALL
    assert client_of().get("/categories/nut/v9/photos/").status_code == 404


def test_each_with_both_verdicts_and_the_way_to_the_sample(client_of, version, former):
    missed = version.judgements.get(label="scratch", verdict="OK")
    page = body(client_of().get("/categories/nut/v2/photos/?show=missed"))
    assert f'<a class="sample" href="/samples/{missed.sample_id}/">' in page
    assert re.search(r"<dt>v2</dt>.*OK</span> <span class=\"number\">0\.40\N{MULTIPLICATION SIGN}", page)
    assert re.search(r"data-differs.*<dt>v1</dt>.*ANOMALY</span> <span class=\"number\">2\.00", page)
    assert 'title="Score 0.2, threshold 0.5"' in page


def test_the_other_one_is_the_active_one_or_the_one_before(version, former):
    assert photos.other_than(version) == former
    assert photos.other_than(former) == version
    assert photos.other_than(version, "1") == former
    assert photos.other_than(version, "9") is None
    ModelVersionFactory.create(category=version.category, number=3, standing=Standing.CANDIDATE)
    assert photos.other_than(version, "3") is None, "nothing is known of what it said"


def test_numbers_lead_to_the_photos_they_count(client_of, version, former):
    browser = client_of()
    page = body(browser.get("/categories/nut/"))
    for query, count in (("show=missed", 1), ("show=false-alarms", 2)):
        assert f"/categories/nut/v2/photos/?{query}" in page
        assert browser.get(f"/categories/nut/v2/photos/?{query}").context["page"].paginator.count == count
    assert ">1 of 2</a>" in page and ">2 of 3</a>" in page
    assert "/categories/nut/v2/photos/?label=scratch" in page
    page = body(browser.get("/categories/nut/v1/"))
    assert "?show=differ&amp;beside=2" in page
    assert "1 of 5 test photos</a>" in page


def test_without_rows_numbers_lead_nowhere(client_of, version):
    version.judgements.all().delete()
    page = body(client_of().get("/categories/nut/"))
    assert "1 of 2" in page and "/photos/" not in page
    assert "No test photos" in body(client_of().get("/categories/nut/v2/photos/"))


def test_pages_of_many_at_a_constant_cost(client_of, version, former, django_assert_max_num_queries):
    for n in range(photos.PAGE_SIZE):
        JudgementFactory.create(version=version, score=0.01 * n)
    browser = client_of(Role.ADMIN)
    with django_assert_max_num_queries(13):
        first = browser.get("/categories/nut/v2/photos/")
    assert len(first.context["page"]) == photos.PAGE_SIZE
    assert "?page=2" in body(first)
    assert len(browser.get("/categories/nut/v2/photos/?page=2").context["page"]) == 5


# --- Comparing -------------------------------------------------------------------------------
def words(version, other):
    return {row.name: row.word for row in compare(version, other, paired(version, other))}


MEASURED = {
    "rates": {
        "miss": {"count": 2, "n": 40, "rate": 0.05, "low": 0.006, "high": 0.169},
        "false_alarm": {"count": 1, "n": 20, "rate": 0.05, "low": 0.001, "high": 0.249},
    },
    "intervals": {"image_auroc": [0.951, 0.985], "f1": [0.9, 0.95]},
    "by_defect": {"scratch": {"n": 8, "flagged": 8, "recall": 1.0, "recall_interval": [0.63, 1.0]}},
}


def test_where_intervals_overlap_there_is_no_clear_difference():
    one = ModelVersionFactory.create(number=1, metrics=MEASURED, image_auroc=0.971, f1=0.93)
    recall = {"scratch": {"n": 8, "flagged": 7, "recall": 0.875, "recall_interval": [0.47, 0.997]}}
    spans = {"image_auroc": [0.95, 0.984], "f1": [0.7, 0.8]}
    measured = MEASURED | {"by_defect": recall, "intervals": spans}
    other = ModelVersionFactory.create(
        number=2, category=one.category, standing="candidate", metrics=measured, image_auroc=0.97, f1=0.75
    )
    found = words(other, one)
    assert found["Image AUROC"] == "no clear difference"
    assert found["Recall, scratch"] == "no clear difference"
    assert found["F1"] == "worse"
    assert list(found)[:3] == ["False alarms", "Defects not flagged", "Image AUROC"]


def judged_alike(version, n, *, flags):
    """n scratches of which `flags` says which are flagged, n good ones that all versions pass."""
    for place in range(n):
        score = 0.6 + 0.001 * place if flags(place) else 0.2 - 0.001 * place
        known = Sample.objects.filter(filename=f"s{place}").first()
        sample = known or SampleFactory.create(category=version.category, split="test", filename=f"s{place}")
        JudgementFactory.create(version=version, label="scratch", score=score, sample=sample)
        good = Sample.objects.filter(filename=f"g{place}").first()
        good = good or SampleFactory.create(category=version.category, split="test", filename=f"g{place}")
        JudgementFactory.create(version=version, score=0.39 + 0.001 * (place % 7), sample=good)


@pytest.mark.parametrize(("more", "word"), [(5, "no clear difference"), (6, "better")])
def test_the_same_photos_are_compared_one_by_one(client_of, more, word):
    """Intervals that overlap cannot tell them apart; six photos that only one of the two finds can."""
    one = ModelVersionFactory.create(number=1, category__slug="nut", metrics=MEASURED, image_auroc=0.8)
    rates = {"miss": MEASURED["rates"]["miss"] | {"count": 1, "rate": 0.02}}
    other = ModelVersionFactory.create(
        number=2,
        category=one.category,
        standing="candidate",
        metrics=MEASURED | {"rates": MEASURED["rates"] | rates},
        image_auroc=0.95,
    )
    judged_alike(one, 12, flags=lambda place: place >= more)
    judged_alike(other, 12, flags=lambda place: True)
    found = words(other, one)
    assert found["Defects not flagged"] == word
    assert found["Image AUROC"] == "better", "DeLong's test"
    assert paired(other, one).differ == more
    page = body(client_of(Role.QA_MANAGER).get("/categories/nut/v2/"))
    assert "exact test" in page and "AUROC by DeLong" in page
    assert f"{more} of 24 test photos" in page
    JudgementFactory.create(version=other)
    assert paired(other, one) is None, "not the same photos"


# --- Who sees which numbers ------------------------------------------------------------------
@pytest.mark.parametrize("role", [Role.INSPECTOR, Role.QA_MANAGER, Role.ADMIN])
def test_inspectors_see_counts_and_promises_and_no_auroc(client_of, version, former, role):
    version.config = {"threshold": {"policy": "conformal", "target": 0.01, "value": 0.5}}
    version.save()
    browser = client_of(role)
    addresses = ("/", "/categories/", "/categories/nut/", "/categories/nut/v1/", "/categories/nut/v2/photos/")
    pages = {address: body(browser.get(address)) for address in addresses}
    for address, page in pages.items():
        if role == Role.INSPECTOR:
            assert "AUROC" not in page and "0.970" not in page, address
    assert ("AUROC" in pages["/categories/nut/"]) == (role != Role.INSPECTOR)
    assert ("AUROC" in pages["/categories/"]) == (role != Role.INSPECTOR)
    assert "missed 1 of 2 defects, 2 false alarms on 3 good parts" in pages["/"]
    assert "at most 1 % of good parts are flagged" in pages["/categories/nut/"]


def test_what_is_wrong_stands_before_the_metrics(client_of, version):
    page = body(client_of(Role.ADMIN).get("/categories/nut/"))
    headline = page[page.index('class="figures headline"') :]
    assert headline.index("Missed defects") < headline.index("False alarms") < headline.index("Image AUROC")


# --- Rolling back and forth ------------------------------------------------------------------
def test_after_a_rollback_the_newer_one_is_promoted(client_of, version, former):
    admin = client_of(Role.ADMIN)
    assert "Roll back to v1" in body(admin.get("/categories/nut/"))
    admin.post("/categories/nut/v1/promote/", {"reason": "As the trial showed."})
    page = body(admin.get("/categories/nut/"))
    assert 'aria-label="Promote v2"' in page
    assert "Roll back" not in page
    assert "Promote v2 of Nut?" in body(admin.get("/categories/nut/v2/promote/"))
    assert "Promote…" in body(admin.get("/categories/nut/v2/"))
    assert "Promote Nut v2" in body(admin.get(f"/admin/registry/modelversion/{version.pk}/promote/"))
