"""What the audit trail held before kinds were declared and subjects had ids.

Kinds get their new names, and each row the id of what it is about, where that can be known: from its detail, or
from its name as things were called at that time. Names as shown and details stay as they are.
"""

from django.db import migrations
from django.db.models import BigIntegerField, F, OuterRef, Subquery
from django.db.models.functions import Cast, Substr

PERSON, CATEGORY, VERSION, RUN, INSPECTION = "person", "category", "version", "run", "inspection"
KINDS = {
    "create account": ("account.created", PERSON),
    "change role": ("account.role_changed", PERSON),
    "activate account": ("account.activated", PERSON),
    "deactivate account": ("account.deactivated", PERSON),
    "set password": ("account.password_set", PERSON),
    "change password": ("account.password_changed", PERSON),
    "end tokens": ("token.ended", PERSON),
    "create token": ("token.created", PERSON),
    "revoke token": ("token.revoked", PERSON),
    "sign in": ("sign_in.succeeded", PERSON),
    "fail to sign in": ("sign_in.failed", PERSON),
    "pause sign-in": ("sign_in.paused", PERSON),
    "lift sign-in pause": ("sign_in.pause_lifted", PERSON),
    "create category": ("category.created", CATEGORY),
    "describe category": ("category.described", CATEGORY),
    "archive category": ("category.archived", CATEGORY),
    "unarchive category": ("category.unarchived", CATEGORY),
    "delete category": ("category.deleted", CATEGORY),
    "add samples": ("samples.added", CATEGORY),
    "import samples": ("samples.imported", CATEGORY),
    "remove samples": ("samples.removed", CATEGORY),
    "promote": ("version.promoted", VERSION),
    "roll back": ("version.rolled_back", VERSION),
    "train": ("version.trained", VERSION),
    "retrain": ("run.requested", RUN),
    "cancel run": ("run.cancelled", RUN),
    "retry run": ("run.retried", RUN),
    "retry inspection": ("inspection.retried", INSPECTION),
    "dismiss inspection": ("inspection.dismissed", INSPECTION),
    "try inspection now": ("inspection.tried_now", INSPECTION),
    "make demo": ("demo.created", ""),
}
# People who did it to themselves: what they are called may have changed.
OF_ONESELF = ("account.password_changed", "sign_in.succeeded", "token.created")
MANY = 1000


def fill(apps, schema_editor):
    Event = apps.get_model("core", "Event")
    for former, (kind, subject) in KINDS.items():
        Event.objects.filter(kind=former).update(kind=kind, subject_type=subject)
    people(Event, apps.get_model("accounts", "User"))
    by_detail(Event, VERSION, "version", apps.get_model("registry", "ModelVersion"))
    by_detail(Event, RUN, "run", apps.get_model("training", "TrainingRun"))
    inspections(Event, apps.get_model("inspections", "Inspection"))
    categories(Event, apps.get_model("categories", "Category"))
    demo = Event.objects.filter(kind="demo.created").order_by("pk").first()
    if demo:
        apps.get_model("core", "SetupStep").objects.get_or_create(name="demo", defaults={"done": demo.time})
    permissions(apps.get_model("auth", "Permission"))


def people(Event, User):
    rows = Event.objects.filter(subject_type=PERSON, subject_id=None)
    rows.filter(kind__in=OF_ONESELF).update(subject_id=F("actor_id"))
    same_name = User.objects.filter(username=OuterRef("subject_name")).values("pk")[:1]
    rows.update(subject_id=Subquery(same_name))
    rows.update(subject_type="")  # of names that nobody has


def by_detail(Event, subject, name, Model):
    write(Event, ((pk, detail.get(name)) for pk, detail in of(Event, subject).values_list("pk", "detail")))
    with_category(Event, subject, Model)


def inspections(Event, Inspection):
    """By their names; in the database, for there may be many."""
    rows = of(Event, INSPECTION).filter(subject_name__regex=r"^Inspection [0-9]{1,18}$")
    rows.update(subject_id=Cast(Substr("subject_name", len("Inspection ") + 1), BigIntegerField()))
    with_category(Event, INSPECTION, Inspection)


def categories(Event, Category):
    """In the order of time: a name may have belonged to one category and later to another.

    Of a category that was deleted nobody knows the id, and its name is free again.
    """
    ids = dict(Category.objects.values_list("slug", "pk"))
    slugs = dict(Category.objects.values_list("name", "slug"))
    for shown, detail in told(Event, "category.created", "category.described").values_list(
        "subject_name", "detail"
    ):
        slugs.setdefault(shown, detail.get("slug"))
    deleted = {
        detail.get("slug"): pk for pk, detail in told(Event, "category.deleted").values_list("pk", "detail")
    }

    def found():
        columns = ("pk", "subject_name", "detail")
        for pk, shown, detail in of(Event, CATEGORY).order_by("pk").values_list(*columns).iterator():
            slug = detail.get("slug") or slugs.get(shown)
            slugs[shown] = slug
            yield pk, ids.get(slug) if pk > deleted.get(slug, 0) else None

    write(Event, found())
    of(Event, CATEGORY, known=True).update(category_id=F("subject_id"))


def told(Event, *kinds):
    return Event.objects.filter(kind__in=kinds).order_by("pk")


def of(Event, subject, *, known=False):
    return Event.objects.filter(subject_type=subject, subject_id__isnull=not known)


def with_category(Event, subject, Model):
    category = Model.objects.filter(pk=OuterRef("subject_id")).values("category_id")[:1]
    of(Event, subject, known=True).update(category_id=Subquery(category))


def write(Event, found):
    """Read before it is written: the rows written no longer belong to those that are read."""
    rows = [Event(pk=pk, subject_id=id) for pk, id in list(found) if isinstance(id, int)]
    for start in range(0, len(rows), MANY):
        Event.objects.bulk_update(rows[start : start + MANY], ["subject_id"], batch_size=MANY // 4)


def permissions(Permission):
    """Whoever may see the trail still may."""
    for permission in Permission.objects.filter(
        content_type__app_label="core", codename__endswith="_auditevent"
    ):
        codename = permission.codename.replace("auditevent", "event")
        same = Permission.objects.filter(content_type=permission.content_type_id, codename=codename)
        if not same.exists():
            permission.codename = codename
            permission.save(update_fields=["codename"])


class Migration(migrations.Migration):
    dependencies = [
        ("core", "0007_event"),
        ("auth", "0012_alter_user_first_name_max_length"),
        # Of each the first one: it has the few columns that are read here.
        ("accounts", "0001_initial"),
        ("categories", "0001_initial"),
        ("registry", "0001_initial"),
        ("inspections", "0001_initial"),
        ("training", "0001_initial"),
    ]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop, elidable=True)]
