"""What people do with categories and trainings: add photos, watch, cancel, promote; and the pages of it."""

import base64
import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from detection.options.catalogue import METHODS
from inspector.categories.models import Category
from inspector.core import files, trail
from inspector.core.jobs import State
from inspector.registry.models import ModelVersion, Standing
from inspector.registry.promote import promote
from inspector.samples.add_samples import add_samples
from inspector.samples.selectors import samples_digest
from inspector.training.models import TrainingRun
from tests.browser.looks import check
from tests.factories import (
    CategoryFactory,
    ExplorationFactory,
    InspectionFactory,
    JudgementFactory,
    ModelVersionFactory,
    TrainingMachineFactory,
    TrainingRunFactory,
)
from tests.photos import encoded, photo, picture, upload
from tests.registry.test_judged import EXAMPLES, MEASURED, RANKING
from tests.registry.test_pages import METRICS

pytestmark = [pytest.mark.chromium, pytest.mark.django_db(transaction=True)]
HISTORY = [[1, 0.1, None], [2, 0.02, 0.03], [3, 0.01, None]]
PROGRESS = {"phase": "training", "fraction": 0.3, "epoch": 3, "epochs": 10, "seconds_left": 42.0}


@pytest.fixture
def nut() -> Category:
    """A category with an active version, a candidate, and samples of which one has a mask."""
    category = CategoryFactory.create(slug="nut", name="Nut", description="A steel nut.")
    add_samples(category, [upload(photo(1), "good.png")], split="train", label="good", by=None)
    bad = add_samples(
        category, [upload(photo(2, broken=True), "bad.png")], split="test", label="blot", by=None
    )
    mask = files.store("samples/nut/masks/bad.png", encoded(picture(3).convert("L")))
    category.samples.filter(sha256=bad.samples[0].sha256).update(mask=mask)
    examples = {row["file"]: files.store(f"versions/nut/1/{row['file']}", photo()) for row in EXAMPLES}
    config = {"ranking": RANKING, "examples": EXAMPLES, "threshold": {"review_from": 0.4}}
    first = ModelVersionFactory.create(
        category=category, number=1, metrics=MEASURED, config=config, plots=examples, stored=True
    )
    plots = {f"roc.{kind}": files.store(f"versions/nut/2/roc.{kind}", photo()) for kind in ("svg", "png")}
    worse = {"metrics": METRICS | {"n_good": 9}, "f1": 0.8, "plots": plots}
    second = ModelVersionFactory.create(category=category, number=2, standing=Standing.CANDIDATE, **worse)
    for version, score in ((first, 0.3), (second, 6.3)):
        sample = category.samples.get(label="blot")
        JudgementFactory.create(version=version, sample=sample, label="blot", score=score, p_value=0.02)
        gone = {"sample": None, "sha256": "0" * 64, "filename": "gone.png"}
        JudgementFactory.create(version=version, score=0.1, **gone)
    return category


@pytest.fixture
def running(nut: Category) -> TrainingRun:
    progress = PROGRESS | {"history": HISTORY}
    return TrainingRunFactory.create(category=nut, state=State.RUNNING, progress=progress)


def test_pages_of_the_work_are_accessible_and_fit(open_page, accessibility_faults, running):
    version = running.category.versions.get(number=1)
    InspectionFactory.create(judged=True, batch__category=running.category, version=version)
    CategoryFactory.create(slug="bolt", archived=timezone.now())
    addresses = (
        "/categories/nut/",
        "/categories/nut/v1/",
        "/categories/nut/v2/",
        "/categories/nut/v2/photos/",
        "/categories/nut/v2/promote/",
        "/categories/bolt/delete/",
        "/categories/bolt/",
        "/categories/?archived",
        f"/runs/{running.pk}/",
    )
    check(open_page("/account/", role="Admin"), accessibility_faults, addresses)


def test_what_a_poll_met_is_taken_back_when_it_works_again(open_page, running):
    page, polled = open_page("/account/", role="Admin"), f"**/runs/{running.pk}/progress/"
    away = '<div class="notice" data-problem>Too many at once.</div>'
    page.route(polled, lambda route: route.fulfill(status=429, content_type="text/html", body=away))
    page.goto(f"/runs/{running.pk}/")
    expect(page.get_by_text("Too many at once.")).to_be_visible()
    page.unroute(polled)
    expect(page.get_by_text("Too many at once.")).to_have_count(0)


def test_a_missed_defect_is_two_steps_from_its_category(open_page, nut):
    """From the number, by key to the photo."""
    page = open_page("/categories/nut/v2/")
    page.get_by_role("link", name=re.compile("of 2 test photos")).click()
    expect(page.locator(".judged")).to_have_count(1)
    expect(page.locator(".judged > [data-differs]")).to_contain_text("OK")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="bad.png")).to_be_visible()


def test_a_category_is_archived_and_taken_back(open_page, nut):
    page = open_page("/categories/nut/", role="Admin")
    page.get_by_text("More", exact=True).click()
    page.get_by_role("button", name="Archive…").click()
    page.get_by_role("dialog").get_by_label("Why").fill("No longer made")
    page.get_by_role("dialog").get_by_role("button", name="Archive", exact=True).click()
    expect(page.get_by_text("Nut has been archived.")).to_be_visible()
    page.goto("/inspect/")
    expect(page.get_by_role("radio", name="Nut")).to_have_count(0)
    page.goto("/categories/")
    page.get_by_role("link", name="1 archived category").click()
    page.get_by_role("link", name="Nut", exact=True).click()
    page.get_by_role("main").get_by_role("button", name="Unarchive").first.click()
    expect(page.get_by_text("Nut is no longer archived.")).to_be_visible()


def test_photos_are_added_a_few_at_a_time(open_page: Callable[..., Page], photos, nut):
    page = open_page("/categories/nut/samples/", role="Admin")
    page.get_by_role("heading", name="Add photos").click()
    page.get_by_label("Used for").select_option("test")
    page.get_by_label("Label", exact=True).fill("rust")
    names = photos(**{f"p{n}": photo(100 + n) for n in range(10)}, broken=b"no photo")
    page.locator("[name=images]").set_input_files(names)
    page.get_by_role("button", name="Add them").click()
    expect(page.get_by_text("10 added, 1 refused:")).to_be_visible()
    expect(page.get_by_role("listitem").filter(has_text="broken.png: ")).to_be_visible()
    (entry,) = (entry for entry in trail.entries(trail.events()) if entry.actor)
    assert (entry.events, entry.detail) == (2, "Test, rust: 10 added, 1 refused")
    page.get_by_role("link", name="Show the samples").click()
    expect(page.locator(".sample")).to_have_count(10)
    # Again: all are there, nothing is refused, and the page shows where they are.
    page.get_by_role("heading", name="Add photos").click()
    page.locator("[name=images]").set_input_files(names[:10])
    page.get_by_role("button", name="Add them").click()
    page.wait_for_url("**/samples/?split=test&label=rust")
    expect(page.locator("#messages")).to_have_text("0 added, 10 already there.")
    assert nut.samples.filter(label="rust").count() == 10


def test_adding_no_photo_or_in_the_wrong_place_is_said_at_the_field(open_page, photos, nut):
    page = open_page("/categories/nut/samples/", role="Admin")
    loads: list[str] = []
    page.on("request", lambda request: loads.append(request.url) if request.is_navigation_request() else None)
    page.get_by_role("heading", name="Add photos").click()
    page.get_by_role("button", name="Add them").click()
    expect(page.locator("#id_images_error")).to_contain_text("Choose one or more photos")
    expect(page.locator("[name=images]")).to_be_focused()
    assert loads == []
    page.locator("[name=images]").set_input_files(photos(a=photo(7)))
    expect(page.locator("#id_images_error")).to_have_count(0)
    page.get_by_label("Used for").select_option("train")
    page.get_by_label("Label", exact=True).fill("rust")
    page.get_by_role("button", name="Add them").click()
    expect(page.locator("#id_label_error")).to_contain_text("Training samples are photos of good parts")
    expect(page.get_by_label("Label", exact=True)).to_be_focused()


@pytest.mark.parametrize("place", ["body", "h1", "[name=images]", ".add-samples [type=submit]"])
def test_photos_dropped_anywhere_on_the_page_are_chosen(open_page, nut, place):
    page = open_page("/categories/nut/samples/?split=test&label=rust", role="Admin")
    drop(page, place, "a.png", photo(7))
    drop(page, place, "b.png", photo(8))
    expect(page.get_by_text("2 photos are chosen, to be added as Test, rust.")).to_be_visible()
    page.keyboard.press("Enter")
    expect(page.locator("#messages")).to_have_text("2 added.")
    assert sorted(nut.samples.filter(label="rust").values_list("filename", flat=True)) == ["a.png", "b.png"]


def test_a_photo_dropped_where_none_is_taken_does_not_replace_the_page(open_page, nut):
    page = open_page("/categories/nut/", role="Admin")
    assert drop(page, "h1", "a.png", photo(7)) == "none"


def drop(page: Page, place: str, name: str, content: bytes) -> str:
    """Drop a file there, as the browser tells of it. What the page says it does with it; "" for nothing."""
    return page.evaluate(
        """([place, name, content]) => {
            const given = new DataTransfer();
            const bytes = Uint8Array.from(atob(content), (letter) => letter.charCodeAt(0));
            given.items.add(new File([bytes], name, { type: "image/png" }));
            const options = { bubbles: true, cancelable: true, dataTransfer: given };
            const over = new DragEvent("dragover", options);
            const taken = !document.querySelector(place).dispatchEvent(over);
            document.querySelector(place).dispatchEvent(new DragEvent("drop", options));
            return taken ? over.dataTransfer.dropEffect : "";
        }""",
        [place, name, base64.b64encode(content).decode()],
    )


def test_the_first_own_category_by_keyboard(open_page, photos):
    page = open_page("/categories/", role="Admin")

    def press(*keys: str) -> None:
        expect(page.locator("html[data-scripts]")).to_be_attached()
        for key in keys:
            page.keyboard.press(key)

    page.on("filechooser", lambda _: None)
    page.get_by_role("link", name="New category").focus()
    press("Enter")
    expect(page.get_by_role("heading", name="New category")).to_be_visible()
    page.get_by_label("Name", exact=True).focus()
    page.keyboard.type("Gasket")
    press("Enter")
    expect(page.get_by_role("heading", name="Samples of Gasket")).to_be_visible()
    page.get_by_role("button", name="Add them").focus()
    press("Enter")
    expect(page.locator("#id_images_error")).to_contain_text("Choose one or more photos")
    with page.expect_file_chooser() as chooser:
        press("u")
    chooser.value.set_files(photos(a=photo(1), b=photo(2)))
    page.get_by_role("button", name="Add them").focus()
    press("Enter")
    expect(page.locator("#messages")).to_have_text("2 added.")
    expect(page.locator(".sample")).to_have_count(2)
    press("j", "j", "j")
    expect(page.locator("#told")).to_have_text("That was the last one.")


def test_what_is_wrong_with_all_of_them_is_said(open_page: Callable[..., Page], photos, nut):
    page = open_page("/categories/nut/samples/", role="Admin")
    page.get_by_role("heading", name="Add photos").click()
    page.get_by_label("Used for").select_option("train")
    page.get_by_label("Label", exact=True).fill("rust")
    page.locator("[name=images]").set_input_files(photos(a=photo(7)))
    page.get_by_role("button", name="Add them").click()
    expect(page.get_by_text("Training samples are photos of good parts")).to_be_visible()


def test_a_run_is_watched_and_cancelled_by_keyboard(open_page: Callable[..., Page], running):
    page = open_page(f"/runs/{running.pk}/", role="Admin")
    expect(page.get_by_text("Epoch 3 of 10")).to_be_visible()
    TrainingRun.objects.update(progress=PROGRESS | {"epoch": 4, "history": HISTORY})
    expect(page.get_by_text("Epoch 4 of 10")).to_be_visible()
    page.get_by_role("button", name="Cancel the training…").focus()
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog", name="Cancel this training?")
    expect(dialog.get_by_role("button", name="Keep training")).to_be_focused()
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    page.keyboard.press("Enter")
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Stopping", exact=True)).to_be_visible()
    # The worker hears of it; the page learns that it is over and asks no more.
    TrainingRun.objects.update(state=State.CANCELLED)
    expect(page.get_by_text("nothing has changed")).to_be_visible()
    expect(page.get_by_role("link", name="Retrain")).to_be_visible()
    assert not page.locator("#run-progress").get_attribute("hx-trigger")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_what_cannot_be_undone_looks_like_it(open_page: Callable[..., Page], running, scheme):
    """Filled in the colour of warnings, named, and never what the focus is on."""
    page = open_page(f"/runs/{running.pk}/", role="Admin", color_scheme=scheme)
    TrainingRun.objects.update(started=timezone.now() - timedelta(minutes=4))
    page.reload()
    masked = running.category.samples.exclude(mask="").get()
    for address, opens, says in (
        (f"/runs/{running.pk}/", "Cancel the training…", "What it has learned in 4"),
        (f"/samples/{masked.pk}/", "Remove…", "Remove bad.png?"),
    ):
        page.goto(address)
        page.get_by_role("button", name=opens).click()
        dialog = page.get_by_role("dialog").filter(visible=True)
        expect(dialog).to_contain_text(says)
        danger = dialog.locator("button[type=submit]")
        expect(danger).to_have_class("button danger")
        expect(danger).not_to_be_focused()
        colours = "e => [getComputedStyle(e).backgroundColor, getComputedStyle(e).borderColor]"
        background, border = danger.evaluate(colours)
        assert background == border


def test_pages_show_what_a_training_brought_without_a_reload(open_page: Callable[..., Page], running):
    pages = [open_page(address, role="Admin") for address in ("/categories/", "/categories/nut/")]
    for page in pages:
        expect(page.get_by_text("Epoch 3 of 10")).to_be_visible()
    for epoch in (4, 5):
        TrainingRun.objects.update(progress=PROGRESS | {"epoch": epoch})
        for page in pages:
            expect(page.get_by_text(f"Epoch {epoch} of 10")).to_be_visible()
    promote(ModelVersion.objects.get(number=2), by=None)
    TrainingRun.objects.update(state=State.DONE)
    table, category = pages
    expect(table.locator("#categories")).to_contain_text("v2")
    expect(table.locator("#categories")).not_to_contain_text("Training waits")
    expect(category.get_by_role("heading", name="Performance of v2")).to_be_visible()


@pytest.mark.parametrize("phone", [False, True], ids=["wide", "phone"])
def test_the_form_for_a_training_is_accessible_and_fits(open_page, accessibility_faults, nut, phone):
    TrainingMachineFactory.create()
    page = open_page("/categories/nut/retrain/", role="Admin", phone=phone)
    page.get_by_text("Advanced").click()
    page.get_by_label("Limit the false alarms").check()
    page.get_by_label("Good parts flagged, at most").fill("900")
    page.get_by_role("button", name="Start with these options").click()
    expect(page.locator("#id_flagged_error")).to_be_visible()
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        assert accessibility_faults(page) == [], scheme
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
def test_the_form_for_a_training_shows_what_applies_and_nothing_else(
    open_page: Callable[..., Page], nut, scripts
):
    page = open_page("/categories/nut/retrain/", role="Admin", java_script_enabled=scripts)
    page.get_by_text("Advanced").click()
    for method, shown in {
        "unet": ("Maximum minutes", "Maximum epochs"),
        "auto": ("Maximum minutes",) if METHODS["auto"].learns else (),
        "padim": ("Pretrained network",),
        "filterbank": (),
    }.items():
        page.locator(f'[name="method"][value="{method}"]').check()
        for label in ("Maximum minutes", "Maximum epochs", "Pretrained network"):
            expect(page.get_by_label(label, exact=True)).to_be_visible(visible=label in shown)
    aim = page.get_by_label("Good parts flagged, at most")
    expect(aim).to_be_hidden()
    page.get_by_label("Limit the false alarms").check()
    aim.fill("0.5")
    page.get_by_label("Good parts in REVIEW or above").fill("5")
    page.get_by_role("button", name="Start with these options").click()
    run = TrainingRun.objects.first()
    expect(page).to_have_url(re.compile(f"/runs/{run.pk}/$"))
    assert run.method == "filterbank"
    assert run.options == {"threshold": "conformal", "target": 0.005, "review": 0.05}


def test_a_training_is_two_clicks_from_the_category(
    open_page: Callable[..., Page], nut, accessibility_faults
):
    nut.deployments.all().delete()
    nut.versions.all().delete()
    more = [upload(photo(50 + n), f"{n}.png") for n in range(6)]
    add_samples(nut, more, split="train", label="good", by=None)
    ExplorationFactory.create(category=nut, state=State.DONE, digest=samples_digest(nut))
    page = open_page("/categories/nut/", role="Admin")
    expect(page.locator("[aria-current=step]")).to_contain_text("Train")
    assert accessibility_faults(page) == []
    page.locator(".steps-next").get_by_role("link", name="Train").click()
    expect(page.get_by_role("heading", name="Train Nut")).to_be_visible()
    page.get_by_role("button", name="Start the training").click()
    run = TrainingRun.objects.get()
    expect(page).to_have_url(re.compile(f"/runs/{run.pk}/$"))
    assert (run.method, run.options) == ("auto", {})


def test_the_recommended_training_is_started_by_keyboard_alone(open_page: Callable[..., Page], nut):
    page = open_page("/categories/nut/retrain/", role="Admin")
    page.locator("main a").first.focus()
    for _ in range(12):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.name") == "recommended":
            break
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"/runs/\d+/$"))
    page.go_back()
    TrainingRun.objects.all().delete()
    page.goto("/categories/nut/retrain/")
    summary = page.locator("#advanced > summary")
    summary.focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(page.locator("[name=method]:checked")).to_be_focused()


def test_promoting_and_rolling_back(open_page: Callable[..., Page], nut):
    page = open_page("/categories/nut/", role="Admin")
    page.get_by_role("link", name="Promote v2").click()
    expect(page.get_by_text("It replaces v1")).to_be_visible()
    expect(page.get_by_text("tested on different photos")).to_be_visible()
    page.get_by_label("Why").fill("Finds more.")
    page.get_by_role("button", name="Promote v2").click()
    expect(page.get_by_text("Nut v2 now judges new photos")).to_be_visible()
    page.get_by_role("link", name="Roll back to v1").click()
    page.get_by_label("Why").fill("Finds less after all.")
    page.get_by_role("button", name="Roll back to v1").click()
    expect(page.get_by_role("heading", name="Performance of v1")).to_be_visible()
