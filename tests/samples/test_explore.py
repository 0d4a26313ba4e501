"""Looking at a category's samples: asked for once, done in a worker, shown to who may see samples."""

from functools import partial

import pytest
from django.core.files.storage import default_storage

from detection import explore
from inspector.core import jobs, work
from inspector.core.errors import Conflict, Refused
from inspector.core.jobs import State
from inspector.core.roles import Role
from inspector.samples.add_samples import add_samples
from inspector.samples.exploration import ask as asking
from inspector.samples.exploration.ask import ask, retry
from inspector.samples.models import Exploration, Sample
from inspector.samples.remove_samples import remove_samples
from tests.factories import CategoryFactory, SampleFactory
from tests.photos import encoded, photo, picture, upload
from tests.role_table import ALL, answers

pytestmark = pytest.mark.django_db
look = partial(work.run, Exploration)
HERE = "/categories/nut/explore/"


def add(category, split, label, *contents):
    uploads = [upload(content, f"{label}{n}.png") for n, content in enumerate(contents)]
    add_samples(category, uploads, split=split, label=label, by=None)


@pytest.fixture
def nut(db):
    """Four good photos to learn from, and a test photo of another shape."""
    category = CategoryFactory.create(slug="nut", name="Nut")
    add(category, "train", "good", *(photo(n) for n in range(4)))
    add(category, "test", "blot", photo(9, (48, 64), broken=True))
    return category


@pytest.fixture
def quick(monkeypatch):
    """Figures take most of the time; one of them will do."""

    def write(folder, description):
        folder.mkdir()
        for kind in ("svg", "png"):
            (folder / f"counts.{kind}").write_bytes(b"<svg/>")
        return {"counts": "Samples by split and label"}

    monkeypatch.setattr("detection.explore.plots.write", write)
    monkeypatch.setattr("inspector.core.attempt.WRITE_SECONDS", 0.0)


@pytest.fixture
def explored(nut, quick):
    return look(ask(nut, by=None).pk)


def body(response):
    assert response.status_code == 200
    return " ".join(response.content.decode().split())


def codes(exploration):
    return [finding["code"] for finding in exploration.description["findings"]]


# --- Who sees what ---------------------------------------------------------------------------
def test_who_sees_what(client_of, explored):
    assert answers(client_of, HERE) == ALL
    assert answers(client_of, f"{HERE}progress/") == ALL
    for kind in ("svg", "png"):
        assert answers(client_of, f"/explorations/{explored.pk}/plots/counts.{kind}") == ALL
    of_no_use = dict.fromkeys(("Inspector", "QA manager", "Admin"), 409)  # it is over
    assert answers(client_of, f"/explorations/{explored.pk}/cancel/", "post") == ALL | of_no_use
    assert answers(client_of, HERE, "post") == ALL | dict.fromkeys(("Inspector", "QA manager", "Admin"), 302)
    for role in (Role.INSPECTOR, Role.QA_MANAGER):
        assert client_of(role).post(f"{HERE}remove/").status_code == 403
        assert "Remove selected" not in body(client_of(role).get(HERE))
    assert "Remove selected" in body(client_of(Role.ADMIN).get(HERE))


def test_what_is_not_there(client_of, explored):
    browser = client_of()
    for address in ("/categories/bolt/explore/", f"/explorations/{explored.pk}/plots/roc.svg"):
        assert browser.get(address).status_code == 404
    assert browser.get(f"/explorations/{explored.pk}/plots/counts.exe").status_code == 404
    assert browser.get("/explorations/999/plots/counts.svg").status_code == 404


# --- Asking ----------------------------------------------------------------------------------
def test_a_look_is_asked_for_once(nut, nudges, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        first = ask(nut, by=None)
        assert ask(nut, by=None) == first
    assert nudges == [(work.TASK, ("exploration", first.pk))]


def test_what_is_known_of_these_samples_is_not_looked_at_again(nut, explored):
    assert ask(nut, by=None) == explored
    add(nut, "train", "good", photo(77))
    assert ask(nut, by=None) != explored


def test_without_samples_there_is_nothing_to_look_at(client_of, db):
    category = CategoryFactory.create(slug="raw")
    with pytest.raises(Refused, match="Add photos"):
        ask(category, by=None)
    assert "No samples yet" in body(client_of().get("/categories/raw/explore/"))


# --- Looking ---------------------------------------------------------------------------------
def test_what_is_found_is_kept_with_the_samples_it_is_about(explored, nut):
    assert explored.state == State.DONE
    assert explored.description["counts"] == {"train": {"good": 4}, "test": {"blot": 1}}
    assert {"odd_aspect", "few_training", "no_masks"} <= set(codes(explored))
    (odd,) = [one for one in explored.description["findings"] if one["code"] == "odd_aspect"]
    assert odd["cases"][0]["files"] == [str(nut.samples.get(label="blot").pk)]
    assert (explored.errors, explored.warnings) == (0, 2)
    assert default_storage.open(explored.plots["counts"]["svg"]).read() == b"<svg/>"
    assert "photos" not in explored.description


def test_real_plots_are_stored(nut):
    plots = look(ask(nut, by=None).pk).plots
    assert plots["grey_histograms"]["title"] == "Grey values of the average photo"
    assert default_storage.open(plots["counts"]["svg"]).read().startswith(b"<?xml")


def test_masks_are_looked_at(nut, quick):
    name = default_storage.save("m.png", upload(encoded(picture(size=(10, 10)).convert("L"))))
    nut.samples.filter(label="blot").update(mask=name)
    assert "mask_size" in codes(look(ask(nut, by=None).pk))


def test_a_sample_that_is_gone_from_storage_is_found_and_not_a_fault(nut, quick, media):
    gone = SampleFactory.create(category=nut)
    found = look(ask(nut, by=None).pk)
    assert found.errors == 1
    assert found.description["findings"][0]["cases"][0]["files"] == [str(gone.pk)]


def test_the_newest_takes_the_place_of_the_former_and_its_files(
    nut, explored, quick, django_capture_on_commit_callbacks
):
    old = explored.plots["counts"]["svg"]
    add(nut, "train", "good", photo(77))
    with django_capture_on_commit_callbacks(execute=True):
        new = look(ask(nut, by=None).pk)
    assert list(nut.explorations.all()) == [new]
    assert not default_storage.exists(old)
    assert default_storage.exists(new.plots["counts"]["svg"])


def test_progress_and_lease_are_written_while_it_looks(nut, quick, monkeypatch):
    told = []
    whole = jobs.renew

    def renew(model, token, **values):
        told.append(values["progress"])
        return whole(model, token, **values)

    monkeypatch.setattr(jobs, "renew", renew)
    look(ask(nut, by=None).pk)
    assert told[0] == {}
    assert {"done": 5, "total": 5} in told


def test_a_fault_is_told_in_a_plain_sentence_and_may_be_tried_again(
    nut, quick, monkeypatch, caplog, nudges, django_capture_on_commit_callbacks
):
    def fault(*args, **more):
        raise ZeroDivisionError("secret detail")

    with monkeypatch.context() as patched:
        patched.setattr(explore, "describe", fault)
        failed = look(ask(nut, by=None).pk)
    assert (failed.state, failed.error_code) == (State.FAILED, "exploration_failed")
    assert "secret" not in failed.error_message
    assert failed.error_details == "ZeroDivisionError: secret detail"
    assert failed.error_message.split()[-1].strip(".") in caplog.text
    with django_capture_on_commit_callbacks(execute=True):
        again = retry(failed)
    assert nudges[-1] == (work.TASK, ("exploration", again.pk))
    assert again.error_details == ""
    assert look(again.pk).state == State.DONE
    with pytest.raises(Conflict):
        retry(again)


def test_a_look_that_another_worker_took_is_dropped(nut, quick, monkeypatch):
    pk = ask(nut, by=None).pk

    def lose(*args, **more):
        Exploration.objects.update(claim=None, state=State.WAITING, lease_until=None)
        return whole(*args, **more)

    whole = explore.describe
    monkeypatch.setattr(explore, "describe", lose)
    assert look(pk).state == State.WAITING
    assert Exploration.objects.get().description == {}


def test_a_lease_lost_at_the_last_moment_leaves_no_files(nut, quick, monkeypatch, media):
    monkeypatch.setattr(jobs, "finish", lambda *args, **values: False)
    look(ask(nut, by=None).pk)
    assert not list(media.rglob("counts.svg"))


def test_two_who_ask_at_once_get_the_same(nut, monkeypatch):
    """Between the look for an open one and the write of a new one somebody else was faster."""
    first = ask(nut, by=None)
    whole, calls = asking._known, []

    def late(*args):
        calls.append(args)
        return None if len(calls) == 1 else whole(*args)

    monkeypatch.setattr(asking, "_known", late)
    assert ask(nut, by=None) == first


# --- The page --------------------------------------------------------------------------------
def test_the_page_asks_by_itself_waits_and_then_shows(client_of, nut, quick):
    browser = client_of()
    page = body(browser.get(HERE))
    assert 'hx-trigger="load, submit"' in page
    fragment = browser.post(HERE, headers={"HX-Request": "true"})
    assert "Waiting for a train worker" in body(fragment)
    assert "explored" not in fragment.headers.get("HX-Trigger", "")
    exploration = Exploration.objects.get()
    assert exploration.requested_by.username == "inspector"
    Exploration.objects.update(state=State.RUNNING, progress={"done": 2, "total": 5})
    assert "2 of 5 photos" in body(browser.get(f"{HERE}progress/"))
    Exploration.objects.update(state=State.WAITING)
    look(exploration.pk)
    fragment = browser.get(f"{HERE}progress/")
    assert "every 1500ms" not in body(fragment)
    assert "explored" in fragment.headers["HX-Trigger"]
    page = body(browser.get(HERE))
    assert "Photos with another aspect ratio" in page
    assert f"/samples/{nut.samples.get(label='blot').pk}/" in page
    assert 'hx-trigger="load' not in page


def test_findings_stay_in_sight_while_changed_samples_are_looked_at(client_of, nut, explored):
    add(nut, "train", "good", photo(77))
    page = body(client_of().get(HERE))
    assert "The samples have changed" in page
    assert "Photos with another aspect ratio" in page
    ask(nut, by=None)
    page = body(client_of().get(HERE))
    assert "Waiting for a train worker" in page
    assert "Photos with another aspect ratio" in page


def test_what_is_about_removed_samples_alone_is_not_shown(client_of, nut, explored):
    remove_samples(nut, nut.samples.filter(label="blot").values_list("pk", flat=True), by=None)
    page = body(client_of().get(HERE))
    assert "Photos with another aspect ratio" not in page
    assert "Few training photos" in page


def test_a_failure_is_shown_with_a_retry_and_not_asked_for_again_by_itself(client_of, nut, quick):
    failed = ask(nut, by=None)
    Exploration.objects.update(state=State.FAILED, error_code="x", error_message="The disk is full.")
    browser = client_of()
    page = body(browser.get(HERE))
    assert "The disk is full." in page
    assert 'hx-trigger="load' not in page
    assert browser.post(f"/explorations/{failed.pk}/retry/")["Location"] == HERE
    assert Exploration.objects.get().state == State.WAITING


def test_whoever_may_ask_may_cancel_and_the_page_does_not_ask_again_by_itself(client_of, nut, nudges):
    browser = client_of()
    waiting = ask(nut, by=None)
    address = f"/explorations/{waiting.pk}/cancel/"
    assert address in body(browser.get(HERE))
    assert browser.post(address)["Location"] == HERE
    assert Exploration.objects.get().state == State.CANCELLED
    page = body(browser.get(HERE))
    assert "The exploration was cancelled." in page
    assert 'hx-trigger="submit"' in page
    assert browser.post(address).status_code == 409
    browser.post(HERE)
    assert [row.state for row in nut.explorations.all()] == [State.WAITING, State.CANCELLED]


def test_a_running_one_is_being_stopped_until_its_worker_obeys(client_of, nut, quick, monkeypatch):
    browser, whole = client_of(), explore.describe
    running = ask(nut, by=None)

    def cancelled(*args, **more):
        browser.post(f"/explorations/{running.pk}/cancel/")
        page = body(browser.get(f"{HERE}progress/"))
        assert "Stopping." in page
        assert "/cancel/" not in page
        return whole(*args, **more)

    monkeypatch.setattr(explore, "describe", cancelled)
    assert look(running.pk).state == State.CANCELLED
    assert "The exploration was cancelled." in body(browser.get(f"{HERE}progress/"))
    monkeypatch.undo()
    monkeypatch.setattr("inspector.core.attempt.WRITE_SECONDS", 0.0)
    assert look(ask(nut, by=None).pk).state == State.DONE
    assert nut.explorations.count() == 1, "the cancelled one is gone with the former ones"


def test_what_was_raised_is_in_a_fold_out_for_who_trains(client_of, nut):
    ask(nut, by=None)
    Exploration.objects.update(
        state=State.FAILED, error_code="x", error_message="It failed.", error_details="OSError: [Errno 5]"
    )
    assert "OSError" not in body(client_of().get(HERE))
    page = body(client_of(Role.ADMIN).get(HERE))
    assert "Technical details" in page
    assert "OSError: [Errno 5]" in page


def test_the_page_offers_the_steps_as_the_category_page_does(client_of, nut, explored):
    page = body(client_of(Role.ADMIN).get(HERE))
    assert "Steps to a version in use" in page
    assert f'href="/categories/{nut.slug}/retrain/"' in page
    assert "Steps to a version in use" not in body(client_of().get(HERE))


def test_an_admin_removes_the_ticked_and_nothing_of_other_categories(client_of, nut, explored):
    mine, other = nut.samples.first(), SampleFactory.create()
    admin = client_of(Role.ADMIN)
    page = body(
        admin.post(
            f"{HERE}remove/", {"sample": [mine.pk, other.pk, "x"], "reason": "Twice there."}, follow=True
        )
    )
    assert "1 sample was removed." in page
    assert set(Sample.objects.values_list("pk", flat=True)) & {mine.pk, other.pk} == {other.pk}
    assert "select the samples" in body(admin.post(f"{HERE}remove/", follow=True))


def test_plots_are_served_and_kept_by_the_browser(client_of, explored):
    response = client_of().get(f"/explorations/{explored.pk}/plots/counts.svg?download")
    assert response["Content-Type"] == "image/svg+xml"
    assert "nut-counts.svg" in response["Content-Disposition"]
    assert "immutable" in response["Cache-Control"]


def test_the_number_of_queries_does_not_grow_with_the_samples(
    client_of, nut, quick, django_assert_max_num_queries
):
    add(nut, "test", "dent", *(photo(100 + n, (48, 64)) for n in range(30)))
    look(ask(nut, by=None).pk)
    browser = client_of(Role.ADMIN)
    browser.get(HERE)
    # Four of them are the steps'.
    with django_assert_max_num_queries(16):
        browser.get(HERE)
    with django_assert_max_num_queries(8):
        browser.get(f"{HERE}progress/")


def test_the_category_page_leads_there_and_says_what_was_found(client_of, nut, explored):
    page = body(client_of().get("/categories/nut/"))
    assert f'href="{HERE}"' in page
    assert "2 warnings" in page
    assert f'href="{HERE}"' in body(client_of().get("/categories/nut/samples/"))
