"""What people can choose is what there is."""

from detection.methods import registry
from detection.options import catalogue


def test_every_method_of_the_catalogue_exists_and_every_method_is_in_it():
    assert {*registry.METHODS, catalogue.AUTO} == set(catalogue.METHODS)
    assert all(method.summary.endswith(".") for method in catalogue.METHODS.values())
