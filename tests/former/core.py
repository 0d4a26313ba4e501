"""The trail from before kinds were declared, subjects had ids, and events were sealed."""

import pytest
from django.db import IntegrityError, transaction

from inspector.core.models import Event, SetupStep
from inspector.core.proof import seal, verify
from tests.former.rows import category, inspection, person, version
from tests.former.walk import SAMPLES_IN_CATEGORIES, STANDINGS, TRAIL_SEALED_AND_SAMPLES_MOVED, at


def write(former, verb, what, who=None, **detail):
    return former("core.AuditEvent").create(verb=verb, what=what, who=who, detail=detail).pk


def subjects(pks):
    columns = ("pk", "kind", "subject_type", "subject_id", "category_id")
    rows = Event.objects.filter(pk__in=pks).values_list(*columns)
    return {pk: tuple(rest) for pk, *rest in rows}


@at(STANDINGS)
def the_trail_gets_ids(former):
    ann, ring = person(former, "ann"), category(former, "Snap ring")
    photo, made = inspection(former, ring).pk, version(former, ring).pk
    snapshot = former("training.DatasetSnapshot").create(category=ring, sha256="x")
    run = former("training.TrainingRun").create(category=ring, snapshot=snapshot).pk

    def noted(*event, **detail):
        return write(former, *event, **detail)

    wanted = {
        noted("sign in", "ann-as-she-was", ann, address="10.0.0.1"): (
            "sign_in.succeeded",
            *("person", ann.pk, None),
        ),
        noted("change role", "ann", role="Admin"): ("account.role_changed", "person", ann.pk, None),
        noted("fail to sign in", "an unknown name"): ("sign_in.failed", "", None, None),
        noted("promote", "Snap ring v4", version=made): ("version.promoted", "version", made, ring.pk),
        noted("promote", "Gone v1", version=999): ("version.promoted", "version", 999, None),
        noted("retrain", "Snap ring", run=run): ("run.requested", "run", run, ring.pk),
        noted("retry inspection", f"Inspection {photo}"): (
            "inspection.retried",
            *("inspection", photo, ring.pk),
        ),
        noted("dismiss inspection", "Inspection x"): ("inspection.dismissed", "inspection", None, None),
        noted("photos_submitted", "Batch 7"): ("photos_submitted", "", None, None),
        noted("make demo", "demo categories"): ("demo.created", "", None, None),
    }
    yield
    assert subjects(wanted) == wanted
    assert Event.objects.get(kind="run.requested").subject_name == "Snap ring"
    assert Event.objects.get(kind="version.promoted", subject_id=999).detail == {"version": 999}
    assert SetupStep.objects.get().name == "demo"


@at(STANDINGS)
def names_of_categories_are_those_of_their_time(former):
    """Slug “nut” was deleted and made again; “Bolt” was renamed, and another took its name."""
    nut, bolt = category(former, "Nut"), category(former, "Old bolt", slug="bolt")
    second = category(former, "Bolt", slug="bolt-2")
    wanted = {}

    def expect(category, verb, what, **detail):
        wanted[write(former, verb, what, **detail)] = category and category.pk

    expect(None, "create category", "Nut", slug="nut")
    expect(None, "add samples", "Nut", added=3)
    expect(None, "delete category", "Nut", slug="nut")
    expect(bolt, "create category", "Bolt", slug="bolt")
    expect(bolt, "add samples", "Bolt", added=3)
    expect(bolt, "describe category", "Old bolt", slug="bolt")
    expect(nut, "create category", "Nut", slug="nut")
    expect(nut, "add samples", "Nut", added=3)
    expect(second, "create category", "Bolt", slug="bolt-2")
    expect(second, "remove samples", "Bolt", removed=1)
    expect(bolt, "import samples", "Old bolt", added=1)
    expect(None, "add samples", "Never heard of", added=1)
    yield
    rows = subjects(wanted)
    assert {pk: row[2] for pk, row in rows.items()} == wanted
    assert all(row[1] == "category" and row[2] == row[3] for row in rows.values())


@at(STANDINGS, TRAIL_SEALED_AND_SAMPLES_MOVED, SAMPLES_IN_CATEGORIES)
def events_become_the_first_part_of_the_chain(former):
    """Also those that were sealed once, in a database that went back and changed them since."""
    pks = [write(former, "sign in", name) for name in ("ann", "bob", "cid")]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(seal, "AT_ONCE", 2)
        former = yield
        with pytest.raises(IntegrityError), transaction.atomic():
            former("core.Event").filter(pk=pks[0]).update(subject_name="Is sealed")
        former = yield
        former("core.Event").filter(pk=pks[0]).update(subject_name="Was not sealed")
        yield
    assert verify.verify().position == Event.objects.count() > 3
    assert Event.objects.get(pk=pks[0]).position
    with pytest.raises(IntegrityError), transaction.atomic():
        Event.objects.all().delete()
