"""An option added to the table is on the command line, in both forms, in OpenAPI and on version pages."""

import os
import subprocess
import sys

# A process of its own, in which the table has one more before anything reads it.
ADDED = """
import contextlib, importlib.util, io, sys
from dataclasses import field, make_dataclass

import detection.types

former, further = detection.types.TrainOptions, ("dropout", float, field(default=0.1))
detection.types.TrainOptions = make_dataclass("TrainOptions", [further], bases=(former,), frozen=True)
detection.TrainOptions = detection.types.TrainOptions
place = importlib.util.find_spec("detection").submodule_search_locations[0]
spec = importlib.util.spec_from_file_location("detection.options.table", f"{place}/options/table.py")
table = sys.modules[spec.name] = importlib.util.module_from_spec(spec)
spec.loader.exec_module(table)
table.TABLE += (
    table.Option("dropout", float, "Share left out", "share of the features left out", "learning", 0, 0.9),
)

import django

django.setup()
from detection.cli import main
from inspector.registry.models import ModelVersion
from inspector.registry.report import made_with
from inspector.training.forms import RetrainForm
from inspector.training.options import checked, schema
from inspector.training.panel_form import PanelRetrainForm

with contextlib.redirect_stdout(io.StringIO()) as shown, contextlib.suppress(SystemExit):
    main(["train", "--help"])
assert "--dropout" in shown.getvalue() and "share of the features left out" in shown.getvalue()
for kind in (RetrainForm, PanelRetrainForm):
    form = kind({"method": "unet", "dropout": "0.25"})
    assert form["dropout"].label == "Share left out"
    assert form.is_valid() and form.options() == {"dropout": 0.25}, form.errors
    assert "dropout" in kind({"method": "unet", "dropout": "2"}).errors
assert schema()["properties"]["dropout"]["maximum"] == 0.9
assert checked({"dropout": 0.5}) == {"dropout": 0.5}
version = ModelVersion(method="unet", config={"options": {"dropout": 0.25}})
assert ("Share left out", "0.25") in made_with(version)
print("everywhere")
"""


def test_an_option_added_to_the_table_appears_everywhere():
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": "tests.settings"}
    found = subprocess.run(
        [sys.executable, "-c", ADDED], env=environment, capture_output=True, text=True, timeout=120
    )
    assert found.stdout == "everywhere\n", found.stderr[-2000:]
