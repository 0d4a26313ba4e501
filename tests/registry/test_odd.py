"""Training photos that do not look like the rest: shown on the version's page, and removed there."""

import pytest

from detection.runs.reference import odd_warning
from inspector.core.models import Event
from inspector.registry import odd as odd_photos
from inspector.registry.models import Standing
from inspector.samples.models import Sample
from tests.factories import CategoryFactory, ModelVersionFactory, SampleFactory
from tests.role_table import ADMIN_ONLY, answers

PAGE = "/categories/nut/v1/"
REMOVE = f"{PAGE}odd/remove/"


@pytest.fixture
def nut(db):
    return CategoryFactory.create(slug="nut", name="Nut")


@pytest.fixture
def strange(nut):
    return SampleFactory.create_batch(3, category=nut)


@pytest.fixture
def version(nut, strange):
    odd = [
        {"name": one.filename, "sha256": one.sha256, "score": 8.4 - n, "usual": 2.0}
        for n, one in enumerate(strange)
    ]
    warnings = ["Few test photos.", odd_warning(odd, 158)]
    config = {
        "odd": odd,
        "odd_warning": warnings[1],
        "threshold": {"good_scores": [2.0] * 158},
        "warnings": warnings,
    }
    return ModelVersionFactory.create(category=nut, number=1, config=config)


def body(response):
    assert response.status_code == 200
    return " ".join(response.content.decode().split())


def test_an_admin_sees_them_and_may_remove_them_in_place(client_of, version, strange):
    page = body(client_of("Admin").get(PAGE))
    assert "3 of 158 training photos do not look like the rest" in page
    assert page.count("do not look like the rest") == 1, "not as a warning, too"
    assert "Few test photos." in page
    assert "4.20\N{MULTIPLICATION SIGN} the usual score" in page
    for one in strange:
        assert f"/samples/{one.pk}/thumbnail/" in page
        assert f'value="{one.pk}"' in page
    assert "Remove from training" in page
    assert "The next training will not use them." in page


def test_others_see_them_by_what_they_may_see(client_of, version):
    page = body(client_of("QA manager").get(PAGE))
    assert "3 of 158 training photos do not look like the rest" in page
    assert "Ask an admin to remove" in page
    assert "Remove from training" not in page
    assert "do not look like the rest" not in body(client_of("Inspector").get(PAGE))


def test_only_admins_remove_and_only_what_is_odd_of_this_version(client_of, version, strange, nut):
    usual, elsewhere = SampleFactory.create(category=nut), SampleFactory.create(sha256=strange[0].sha256)
    expected = ADMIN_ONLY | {"Admin": 302}
    assert answers(client_of, REMOVE, "post", sample=strange[0].pk, reason="Rust.") == expected
    sent = {"sample": [strange[1].pk, usual.pk, elsewhere.pk, "x"], "reason": "Rust."}
    answer = client_of("Admin").post(REMOVE, sent, follow=True)
    assert answer.redirect_chain[0][0] == f"{PAGE}#odd"
    assert "1 sample was removed." in body(answer)
    assert set(Sample.objects.all()) == {strange[2], usual, elsewhere}
    assert Event.objects.filter(kind="samples.removed").count() == 2
    assert f"Removed since: {strange[0].filename}, {strange[1].filename}." in body(answer)


def test_nothing_ticked_is_told(client_of, version):
    assert "select the samples to remove first" in body(client_of("Admin").post(REMOVE, follow=True))


def test_the_category_s_page_says_it_in_a_line_until_they_are_gone(client_of, version, nut):
    said = "3 of 158 training photos do not look like the rest."
    page = body(client_of("QA manager").get("/categories/nut/"))
    assert page.count(said) == 1
    assert f'href="{PAGE}#odd"' in page
    nut.samples.all().delete()
    assert said not in body(client_of("QA manager").get("/categories/nut/"))
    assert "Removed since" in body(client_of("QA manager").get(PAGE))


def test_a_version_that_found_none_or_did_not_look_shows_none(client_of, nut):
    for number, config in enumerate(({}, {"odd": []}), 1):
        one = ModelVersionFactory.create(
            category=nut, number=number, config=config, standing=Standing.CANDIDATE
        )
        assert odd_photos.odd(one) is None
        assert 'id="odd"' not in body(client_of("Admin").get(one.get_absolute_url()))


def test_many_of_them_cost_no_more_queries(client_of, version, nut, django_assert_max_num_queries):
    more = SampleFactory.create_batch(30, category=nut)
    version.config["odd"] += [
        {"name": one.filename, "sha256": one.sha256, "score": 5.0, "usual": 0.0} for one in more
    ]
    version.save()
    browser = client_of("Admin")
    with django_assert_max_num_queries(9):
        page = body(browser.get(PAGE))
    assert "Show 21 more" in page
