"""README's picture: a real verdict by a model trained on a demo part; and the other pages, to look at.

python -m benchmarks screenshots

Writes docs/images/inspection.png; with INSPECTOR_SCREENSHOTS=FOLDER also every page, wide and as on a phone,
light and dark.
"""

import io
import os
import shutil
from pathlib import Path

from django.core.files.base import ContentFile
from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

from benchmarks.installation import ROOT, Installation
from detection import demo
from inspector.accounts.models import User
from inspector.core import work
from inspector.inspections.analyse import analyse_waiting
from inspector.inspections.models import Inspection, Source
from inspector.inspections.submit import submit
from inspector.samples.import_folder import import_folder
from inspector.site.first_start import DEMO_METHOD
from inspector.training.models import TrainingRun
from inspector.training.submit import submit as submit_run

SLUG = "hex_nut"
PICTURE = ROOT / "docs" / "images" / "inspection.png"
WIDTHS = {"wide": (1440, 900), "phone": (390, 844)}
PANEL = {
    "categories": "categories/category/",
    "category": "categories/category/1/change/",
    "category-new": "categories/category/add/",
    "runs": "training/trainingrun/",
    "run": "training/trainingrun/1/change/",
    "versions": "registry/modelversion/",
    "version": "registry/modelversion/1/change/",
    "inspections": "inspections/inspection/",
    "inspection": "inspections/inspection/1/change/",
    "people": "accounts/user/",
    "person": "accounts/user/1/change/",
    "person-new": "accounts/user/add/",
    "tokens": "knox/authtoken/",
    "audit": "core/event/",
}
FLAGS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]


def main(site: Installation) -> None:
    shown = _judge(site.folder)
    site.start("web")
    pages = {
        "home": "/",
        "inspect": "/inspect/",
        "batch": f"/inspect/batches/{shown.batch_id}/",
        "inspection": f"/inspections/{shown.pk}/",
        "history": "/history/",
        "categories": "/categories/",
        "category": f"/categories/{SLUG}/",
        "version": f"/categories/{SLUG}/v1/",
        "samples": f"/categories/{SLUG}/samples/",
        "retrain": f"/categories/{SLUG}/retrain/",
        "run": "/runs/1/",
        "new-category": "/new-category/",
        "describe": f"/categories/{SLUG}/describe/",
        "sample": "/samples/108/",
        "account": "/account/",
        "missing": "/no-such-page/",
        "api": "/api/docs/",
        "admin": "/admin/",
    } | {f"admin-{name}": f"/admin/{address}" for name, address in PANEL.items()}
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
        page = _signed_in(browser, site, "wide", "light")
        page.goto(pages["inspection"])
        _take(page, PICTURE, whole=False)
        print(f"wrote {PICTURE.relative_to(ROOT)}")
        if folder := os.environ.get("INSPECTOR_SCREENSHOTS"):
            for width, scheme in (("wide", "light"), ("phone", "light"), ("wide", "dark"), ("phone", "dark")):
                page = _signed_in(browser, site, width, scheme)
                for name, address in pages.items():
                    page.goto(address)
                    _take(page, Path(folder) / f"{name}-{width}-{scheme}.png", whole=True)
        browser.close()


def _judge(folder: Path) -> Inspection:
    """Train the demo part as a first start does and judge its test photos; gives the one with most to see."""
    part = next(part for part in demo.CATEGORIES if part.slug == SLUG)
    (parts,) = demo.make(folder / "demo", categories=[SLUG])
    category = import_folder(parts, by=None, slug=SLUG, name=part.name).category
    options = dict(part.options)
    method = options.pop("method", DEMO_METHOD)
    run = submit_run(category=category, by=None, method=method, options=options, promote_when_done=True)
    work.run(TrainingRun, run.pk)
    photos = sorted(parts.glob("test/*/00[0-3].jpg"))
    uploads = [ContentFile(photo.read_bytes(), name=f"{photo.parent.name}-{photo.name}") for photo in photos]
    person = User.objects.get(username="inspector")
    submit(category=category, uploads=uploads, by=person, source=Source.COMMAND)
    analyse_waiting(category.pk)
    return Inspection.objects.filter(filename__startswith="rust").latest("score")


def _signed_in(browser: Browser, site: Installation, width: str, scheme: str) -> Page:
    size, phone = WIDTHS[width], width == "phone"
    page = browser.new_context(
        base_url=site.url,
        viewport={"width": size[0], "height": size[1]},
        is_mobile=phone,
        has_touch=phone,
        color_scheme=scheme,  # type: ignore[arg-type]
        timezone_id="Europe/Berlin",
    ).new_page()
    account = site.account("Admin")
    page.goto("/sign-in/")
    page.get_by_label("Username").fill(account["username"])
    page.get_by_label("Password", exact=True).fill(account["password"])
    page.keyboard.press("Enter")
    page.wait_for_url(f"{site.url}/")
    return page


def _take(page: Page, path: Path, *, whole: bool) -> None:
    page.wait_for_load_state("networkidle")
    path.parent.mkdir(parents=True, exist_ok=True)
    shot = Image.open(io.BytesIO(page.screenshot(full_page=whole))).convert("RGB")
    # All colours for the README; of the others, which are for looking at, there are many.
    (shot if path == PICTURE else shot.quantize(256)).save(path, optimize=True)
