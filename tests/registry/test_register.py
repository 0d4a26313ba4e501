import zipfile
from dataclasses import replace

import pytest
from django.core.files.storage import default_storage

from inspector.registry.models import ModelVersion, Standing
from inspector.registry.register import Trained, register, register_all
from tests.factories import CategoryFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def category():
    return CategoryFactory.create(slug="nut")


def stored_files(media):
    return {path for path in media.rglob("*") if path.is_file()}


def test_a_run_becomes_a_candidate_with_its_metrics(category, run_dir, result):
    version = register(category, run_dir, "unet", result)
    version.refresh_from_db()
    assert (version.number, version.standing, version.method) == (1, Standing.CANDIDATE, "unet")
    assert (version.threshold, version.map_low, version.map_high) == (0.01, 0.001, 0.1)
    assert (version.image_auroc, version.f1, version.precision, version.recall) == (0.97, 0.9, 0.95, None)
    assert version.metrics["roc"]["thresholds"] == [None, 0.1]  # JSON knows no infinity
    assert version.config["size"] == 32
    assert version.config["threshold"]["chosen_on"] == "on the test photos"


def test_the_whole_run_folder_and_its_plots_are_in_storage(category, run_dir, result):
    version = register(category, run_dir, "unet", result)
    assert version.artifact.name == f"versions/nut/1-{version.sha256[:12]}/artifact.zip"
    with default_storage.open(version.artifact.name) as file, zipfile.ZipFile(file) as zipped:
        assert set(zipped.namelist()) >= {"weights.safetensors", "config.json", "plots/roc.svg"}
    assert set(version.plots) == {"roc.svg", "roc.png", "losses.svg"}
    assert default_storage.open(version.plots["roc.svg"]).read() == b"roc.svg"


def test_numbers_count_up_within_the_category(category, run_dir, result):
    assert [register(category, run_dir, "unet", result).number for _ in range(2)] == [1, 2]
    assert register(CategoryFactory.create(), run_dir, "unet", result).number == 1


def test_the_same_folder_has_the_same_hash(category, run_dir, result):
    first, second = (register(category, run_dir, "unet", result) for _ in range(2))
    assert first.sha256 == second.sha256


def test_without_test_photos_there_are_no_metrics(category, run_dir, result):
    result.evaluation = None
    version = register(category, run_dir, "unet", result)
    assert (version.metrics, version.image_auroc) == ({}, None)


def test_not_a_number_is_no_metric(category, run_dir, result):
    result.evaluation = replace(result.evaluation, image_auroc=float("nan"))
    assert register(category, run_dir, "unet", result).image_auroc is None


def test_what_goes_wrong_beside_it_leaves_nothing_behind(category, run_dir, result, media):
    def fail(version):
        raise RuntimeError(version)

    with pytest.raises(RuntimeError):
        register_all([Trained(category, run_dir, "unet", result)], then=fail)
    assert not ModelVersion.objects.exists()
    assert stored_files(media) == set()
