"""Categories from before names had keys, which are the same for names that look alike."""

import pytest

from inspector.categories.create import create_category, describe_category
from inspector.categories.models import Category
from inspector.core.errors import Refused
from tests.former.walk import NAMES_WITHOUT_KEYS, at


@at(NAMES_WITHOUT_KEYS)
def two_that_look_alike_already_both_stay(former):
    names = {"one": "Plate", "two": "plate", "three": "Plate", "four": "\u200b"}
    for slug, name in names.items():
        former("categories.Category").create(slug=slug, name=name)
    yield
    rows = Category.objects.filter(slug__in=names).order_by("pk")
    assert list(rows.values_list("name", flat=True)) == ["Plate", "plate", "Plate", "\u200b"]
    assert Category.objects.get(slug="one").key == "plate"
    second = Category.objects.get(slug="two")
    assert describe_category(second, name="plate", description="The thin one.", by=None).description
    with pytest.raises(Refused):
        create_category("PLATE", slug="five", by=None)
