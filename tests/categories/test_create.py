import pytest

from inspector.categories.create import create_category, describe_category
from inspector.categories.models import Category
from inspector.core.errors import Refused
from inspector.core.models import AuditEvent

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("name", "slug", "expected"),
    [("Hex nut", None, "hex-nut"), ("  Ölkanne  groß ", None, "olkanne-gro"), ("部品", "part", "part")],
)
def test_the_address_comes_from_the_name(name, slug, expected):
    assert create_category(name, slug=slug, by=None).slug == expected


@pytest.mark.parametrize(
    ("name", "code", "status"),
    [
        ("", "bad_name", 400),
        ("部品", "bad_name", 400),
        ("x" * 81, "bad_name", 400),
        ("hex NUT", "category_exists", 409),
    ],
)
def test_a_name_that_cannot_be_is_refused(name, code, status):
    create_category("Hex nut", by=None)
    with pytest.raises(Refused) as refused:
        create_category(name, by=None)
    assert (refused.value.code, refused.value.status) == (code, status)
    assert Category.objects.count() == 1


def test_other_words_keep_the_address(person):
    category = create_category("Hex nut", by=person("Admin"))
    describe_category(category, name="Hexagon nut", description=" M8 ", by=person("Admin"))
    category.refresh_from_db()
    assert (category.name, category.slug, category.description) == ("Hexagon nut", "hex-nut", "M8")
    assert {event.verb for event in AuditEvent.objects.filter(what__startswith="Hex")} == {
        "create category",
        "describe category",
    }
