import json

import pytest
from django.core.management import CommandError, call_command

from inspector.inspections.models import Inspection
from tests.factories import CategoryFactory
from tests.photos import photo

pytestmark = pytest.mark.django_db


@pytest.fixture
def inspect(active_version, person, tmp_path, capsys):
    """Run the command on files of these contents; gives what it printed and its exit status."""
    active_version(CategoryFactory.create(slug="nut"))
    person("Inspector")

    def run(files: dict[str, bytes], *options: str, category: str = "nut") -> tuple[str, int]:
        paths = [tmp_path / name for name in files]
        for path, content in zip(paths, files.values(), strict=True):
            if content:
                path.write_bytes(content)
        with pytest.raises(SystemExit) as ended:
            call_command("inspect", category, *map(str, paths), *options)
        return capsys.readouterr().out, ended.value.code

    return run


def test_a_table_of_verdicts(inspect):
    out, status = inspect({"good.png": photo(7), "bad.png": photo(8, broken=True)})
    good, bad = out.splitlines()[1:]
    assert good.split()[:2] == ["good.png", "OK"] and bad.split()[:2] == ["bad.png", "ANOMALY"]
    assert status == 3
    assert {row.batch.source for row in Inspection.objects.all()} == {"command"}


def test_bad_files_are_listed_and_the_others_go_on(inspect):
    files = {"good.png": photo(7), "notes.png": b"no image", "never-there.png": b""}
    out, status = inspect(files, "--json")
    told = json.loads(out)
    assert [(row["filename"], row["verdict"]) for row in told["inspections"]] == [("good.png", "OK")]
    assert sorted(file["code"] for file in told["rejected"]) == ["not_an_image", "not_readable"]
    assert status == 2


def test_many_files_go_in_pieces_of_one_batch(inspect, settings):
    settings.MAX_BATCH_FILES = 2
    _, status = inspect({f"{n}.png": photo(n) for n in range(5)}, "--wait", "--timeout", "0")
    assert Inspection.objects.count() == 5
    assert Inspection.objects.values("batch").distinct().count() == 1
    assert status == 4, "no worker judged them"


def test_what_cannot_be_done_is_one_sentence(inspect):
    with pytest.raises(CommandError, match="There are: nut"):
        call_command("inspect", "bolt", "x.png")
    with pytest.raises(CommandError, match="--by"):
        call_command("inspect", "nut", "x.png", "--by", "nobody")
    CategoryFactory.create(slug="new")
    with pytest.raises(CommandError, match="Train it first"):
        call_command("inspect", "new", "x.png")
