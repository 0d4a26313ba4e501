from threading import Barrier, Thread

import pytest
from django.db import connection

from inspector.categories import create
from inspector.categories.create import create_category, describe_category
from inspector.categories.models import Category
from inspector.categories.names import key_of
from inspector.core.errors import Conflict, Refused
from inspector.core.models import Event

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
    assert {event.kind for event in Event.objects.filter(subject_name__startswith="Hex")} == {
        "category.created",
        "category.described",
    }


# --- One name once ---------------------------------------------------------------------------
ALIKE = [
    "hex nut",
    "HEX  NUT",
    "Hex\u00a0nut",  # no-break space
    "Hex\u2003nut",
    "Hex\u200b nut",  # zero width
    "\u202eHex nut",
    "Hex nut\ufe0f",
    "H\u0435x nut",  # Cyrillic
    "\u041dex nut",
    "\uff28ex nut",  # full width
    "Hex_nut",
    "Hex\u2011nut",
]


@pytest.mark.parametrize("name", ALIKE)
def test_a_name_that_looks_the_same_is_refused_and_names_the_other(name):
    first = create_category("Hex nut", by=None)
    with pytest.raises(Refused) as refused:
        create_category(name, slug="another", by=None)
    assert (refused.value.code, refused.value.status) == ("category_exists", 409)
    assert "“Hex nut”" in refused.value.message
    assert refused.value.see == first


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Bolt 0", "Bolt O"),
        ("Part 1", "Part l"),
        ("Ölkanne", "Olkanne"),
        ("Bolt 1 2", "Bolt 12"),
        ("部品 1", "部品 2"),
    ],
)
def test_other_parts_have_other_names(one, other):
    create_category(one, slug="one", by=None)
    create_category(other, slug="other", by=None)


@pytest.mark.parametrize(
    ("one", "other"), [("Винт", "винт"), ("Straße", "STRASSE"), ("ΣΦΉΝΑΣ", "σφήνας"), ("İğne", "i̇ğne")]
)
def test_case_makes_no_difference_in_any_script(one, other):
    assert key_of(one) == key_of(other)


def test_only_what_is_seen_is_a_name():
    with pytest.raises(Refused, match="needs a name"):
        create_category("\u200b\u2060 \u00ad", slug="nothing", by=None)
    assert create_category(" Hex\u200b\t nut\u202e ", by=None).name == "Hex nut"


def test_a_long_name_has_a_key_too():
    create_category("\ufdfa" * 80, slug="one", by=None)
    with pytest.raises(Refused):
        create_category("\ufdfa" * 80, slug="two", by=None)


def test_a_new_name_follows_the_same_rule():
    first, second = create_category("Hex nut", by=None), create_category("Bolt", by=None)
    with pytest.raises(Refused) as refused:
        describe_category(second, name="hex  NUT", description="", by=None)
    assert refused.value.see == first
    second.refresh_from_db()
    assert second.name == "Bolt"
    assert describe_category(first, name="HEX nut", description="", by=None).name == "HEX nut"
    describe_category(first, name="Nut", description="", by=None)
    assert describe_category(second, name="Hex nut", description="", by=None).key == "hex nut"


@pytest.mark.django_db(transaction=True)
def test_of_two_who_give_the_same_name_at_once_one_gets_it(monkeypatch):
    """Both have looked before either has written: the database decides."""
    both_looked, have_looked, answers = Barrier(2), set(), []
    checked_name = create.checked_name

    def look(name, of=None):
        found = checked_name(name, of)
        if name not in have_looked:
            have_looked.add(name)
            both_looked.wait(timeout=120)
        return found

    monkeypatch.setattr(create, "checked_name", look)

    def press(name, slug):
        try:
            answers.append(create_category(name, slug=slug, by=None).name)
        except Exception as error:
            answers.append(error)
        finally:
            connection.close()

    threads = [Thread(target=press, args=pair) for pair in (("Hex nut", "one"), ("hex NUT", "two"))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=240)
    refused = [answer for answer in answers if isinstance(answer, Refused)]
    assert [error.code for error in refused] == ["category_exists"], answers
    assert Category.objects.count() == 1


def test_a_category_deleted_while_somebody_describes_it_is_told(person):
    category = create_category("Nut", by=None)
    Category.objects.all().delete()
    with pytest.raises(Conflict, match="has just been deleted"):
        describe_category(category, name="Hex nut", description="", by=person("Admin"))
