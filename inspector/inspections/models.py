"""The record: batches of photos and what was found on each. A verdict, once written, is never changed."""

from django.conf import settings
from django.db import models
from django.db.models import F
from django.db.models.functions import Coalesce, Greatest
from django.urls import reverse
from django.utils import timezone

from inspector.categories.models import Category
from inspector.core.jobs import Job, State
from inspector.inspections.how_sure_models import COMPARED_INDEX, UNSTABLE_INDEX, HowSure
from inspector.inspections.models_display import Display, SavedView
from inspector.inspections.part_models import PART_LENGTH, part_index
from inspector.registry.models import Deployment, ModelVersion

__all__ = ["Display", "SavedView"]  # models of this app in a file of their own


class Verdict(models.TextChoices):
    OK = "OK", "OK"
    REVIEW = "REVIEW", "Review"
    ANOMALY = "ANOMALY", "Anomaly"


class Outcome(models.TextChoices):
    """What an inspection ended with: the newest standing review, otherwise the model's verdict."""

    GOOD = "good", "Good"
    DEFECTIVE = "defective", "Defective"
    OPEN = "open", "Undecided"


BY_VERDICT = {
    Verdict.OK.value: Outcome.GOOD,
    Verdict.REVIEW.value: Outcome.OPEN,
    Verdict.ANOMALY.value: Outcome.DEFECTIVE,
}


class Severity(models.TextChoices):
    """How bad a defect is."""

    CRITICAL = "critical", "Critical"
    MAJOR = "major", "Major"
    MINOR = "minor", "Minor"


class Disagreement(models.TextChoices):
    """In which way a person's decision contradicts the verdict."""

    ESCAPE = "escape", "Escape: judged OK, defective"
    FALSE_CALL = "false_call", "False call: judged ANOMALY, good"


class Source(models.TextChoices):
    WEB = "web", "Browser"
    API = "api", "API"
    COMMAND = "command", "Command line"
    DEMO = "demo", "Demo: made-up production"


# The photo itself is at fault: judged again, it would fail again. Codes of detection.UnreadableImage.
PHOTO_FAULTS = frozenset(
    {
        *("animated", "empty", "not_an_image", "too_many_bytes", "too_many_pixels", "truncated"),
        *("undecodable", "unsupported_format", "wrong_extension"),
    }
)
# It shows another part than its category's, or none. A person says what to do (`anyway`).
NOT_THIS_PART = "not_this_part"
KEY_LENGTH = 200  # of an Idempotency-Key
SMALLEST_THRESHOLD = 1e-9  # nothing is divided by 0
WITHOUT_SCORE = -1e30  # after all scores
NOTHING = models.Value({}, models.JSONField())
IN_THE_LISTS = models.Q(dismissed__isnull=True)


class Batch(models.Model):
    """Inspections submitted together."""

    category = models.ForeignKey(Category, on_delete=models.PROTECT, related_name="batches")
    submitted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="batches"
    )
    source = models.CharField(max_length=10, choices=Source)
    created = models.DateTimeField(default=timezone.now, editable=False)
    # What was said of the part with its newest photos: a form begins with it. Names and values, flat.
    part = models.JSONField(default=dict, db_default=NOTHING, editable=False)

    class Meta:
        verbose_name_plural = "batches"

    def __str__(self) -> str:
        return f"Batch {self.pk}"

    def get_absolute_url(self) -> str:
        return reverse("inspections:batch", args=[self.pk])


class SentKey(models.Model):
    """What a person sent under a key of their choice: sent again, it only gets the same answer."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    key = models.CharField(max_length=KEY_LENGTH)
    digest = models.CharField(max_length=64, help_text="SHA-256 of the category and the files")
    batch = models.ForeignKey(Batch, on_delete=models.CASCADE, related_name="+")
    inspections = models.JSONField(help_text="IDs, in the order of the files")
    rejected = models.JSONField()
    created = models.DateTimeField(default=timezone.now, editable=False, db_index=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["person", "key"], name="sent_once_under_a_key")]

    def __str__(self) -> str:
        return f"Key of {self.batch}"


class Inspection(HowSure, Job):
    """One photo judged once."""

    # The newest inspection of the same file before it, where `earlier.with_earlier` has looked for it.
    earlier: "Inspection | None" = None

    batch = models.ForeignKey(Batch, on_delete=models.PROTECT, related_name="inspections")
    # Its batch's category and submitter, repeated: history filters and sorts on them through one index.
    category = models.ForeignKey(Category, on_delete=models.PROTECT, related_name="inspections")
    submitted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="inspections"
    )
    # The photo as received, byte for byte.
    filename = models.CharField(max_length=255)
    sha256 = models.CharField(max_length=64, db_index=True)
    bytes = models.PositiveIntegerField()
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    original = models.FileField(upload_to="unused", max_length=255)
    note = models.CharField(max_length=200, blank=True, help_text="What was converted before judging")
    # Which part it shows (see `parts`), '' where that is not known.
    lot = models.CharField(max_length=PART_LENGTH, blank=True, default="", db_default="")
    serial = models.CharField(max_length=PART_LENGTH, blank=True, default="", db_default="")
    station = models.CharField(max_length=PART_LENGTH, blank=True, default="", db_default="")
    order = models.CharField(max_length=PART_LENGTH, blank=True, default="", db_default="")
    part_fields = models.JSONField(
        default=dict, db_default=NOTHING, blank=True, help_text="Fields of this installation's own"
    )
    # A person said that it does show its category's part, so that is not asked again.
    part_confirmed = models.BooleanField(default=False, db_default=False, editable=False)
    # Of one that does not: the category that it seems to show.
    looks_like = models.ForeignKey(
        Category, null=True, editable=False, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    # By the camera's clock, if the category trusts it. Everywhere else `created` counts.
    taken = models.DateTimeField(null=True, editable=False)
    # What was found. Written once, together.
    verdict = models.CharField(max_length=10, choices=Verdict, blank=True)
    score = models.FloatField(null=True)
    threshold = models.FloatField(null=True)
    review_from = models.FloatField(
        null=True, help_text="Lowest score for REVIEW; null if there is no REVIEW band"
    )
    # The score as a multiple of the threshold it was judged by: what makes photos of different versions
    # and categories comparable, and so what they are sorted by.
    relative_score = models.GeneratedField(
        expression=Coalesce(
            F("score") / Greatest(F("threshold"), models.Value(SMALLEST_THRESHOLD)),
            models.Value(WITHOUT_SCORE),
        ),
        output_field=models.FloatField(),
        db_persist=True,
    )
    # Beside the verdict, which nobody changes. `manage.py recompute_outcomes` makes them from the reviews.
    outcome = models.CharField(max_length=10, choices=Outcome, blank=True, default="", editable=False)
    reviewed = models.DateTimeField(null=True, editable=False, help_text="Time of the newest standing review")
    # More of that review, null where there is none: small indexes hold those that have it.
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        editable=False,
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
    )
    # The id of a `reviews.DefectType`: an app above, which this one does not know.
    defect_type = models.BigIntegerField(null=True, editable=False)
    severity = models.CharField(  # noqa: DJ001 - null: outside of its index
        max_length=10, choices=Severity, null=True, editable=False
    )
    disagreement = models.CharField(  # noqa: DJ001 - as above
        max_length=10, choices=Disagreement, null=True, editable=False
    )
    version = models.ForeignKey(ModelVersion, null=True, on_delete=models.PROTECT, related_name="inspections")
    # Null also where it is not known: of those judged before deployments were kept.
    deployment = models.ForeignKey(
        Deployment, null=True, on_delete=models.PROTECT, related_name="inspections"
    )
    # Where a fault of the place (storage, database, memory, GPU) kept it from being judged: not taken before
    # `wait_until`, by the database's clock. How often in a row, since when, and why in words for people.
    wait_until = models.DateTimeField(null=True, editable=False)
    waits = models.PositiveSmallIntegerField(default=0, editable=False)
    wait_since = models.DateTimeField(null=True, editable=False)
    wait_code = models.CharField(max_length=40, blank=True, default="", editable=False)
    wait_message = models.TextField(blank=True, default="", editable=False)
    # Others passed while this one did not: it keeps its own pace, whatever happens to others.
    wait_alone = models.BooleanField(default=False, editable=False)
    # Of one that keeps its own pace: others passed since its last try.
    others_passed = models.BooleanField(default=False, editable=False)
    # A FAILED one that a person has done with: no list asks anybody to look at it any more.
    dismissed = models.DateTimeField(null=True, editable=False)
    dismissed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, editable=False, on_delete=models.PROTECT, related_name="+"
    )
    # Of the photo, whatever is on it: most drift is the lamp. Null for those judged before it was measured.
    brightness = models.FloatField(null=True, help_text="Mean grey value, from 0 (black) to 255 (white)")
    sharpness = models.FloatField(null=True, help_text="Variance of the Laplacian: the higher, the sharper")
    milliseconds = models.PositiveIntegerField(null=True, help_text="Time the worker spent on this photo")
    # Pictures for people: the photo as a browser can show it, the model's reconstruction (of methods that
    # make one), and two layers to lay over it: the anomaly map as colours and as contour lines.
    preview = models.FileField(upload_to="unused", max_length=255, blank=True)
    thumbnail = models.FileField(upload_to="unused", max_length=255, blank=True)
    reconstruction = models.FileField(upload_to="unused", max_length=255, blank=True)
    heatmap = models.FileField(upload_to="unused", max_length=255, blank=True)
    contours = models.FileField(upload_to="unused", max_length=255, blank=True)

    class Meta:
        ordering = ["-created", "-pk"]
        permissions = [("retry_inspection", "Can retry a failed inspection")]
        indexes = [
            # The history and its filters, sorted as it is shown; a time is a part of each.
            # This one has everything that the first page counts: no row of the last days is read.
            models.Index(fields=["created", "id", "state", "verdict", "dismissed"], name="inspection_time"),
            models.Index(fields=["category", "created", "id"], name="inspection_category_time"),
            models.Index(fields=["verdict", "created", "id"], name="inspection_verdict_time"),
            models.Index(fields=["category", "verdict", "created", "id"], name="inspection_cat_verdict_time"),
            models.Index(
                fields=["state", "created", "id"], name="inspection_state_time", condition=IN_THE_LISTS
            ),
            models.Index(
                fields=["category", "state", "created", "id"],
                name="inspection_cat_state_time",
                condition=IN_THE_LISTS,
            ),
            # With what else is asked of them, so that counting reads no row.
            models.Index(
                fields=["created", "id", "category", "dismissed"],
                name="inspection_dismissed_time",
                condition=models.Q(dismissed__isnull=False),
            ),
            models.Index(fields=["state", "category", "id"], name="inspection_queue"),
            models.Index(fields=["-relative_score", "-id"], name="inspection_score"),
            models.Index(fields=["category", "-relative_score", "-id"], name="inspection_category_score"),
            models.Index(fields=["verdict", "-relative_score", "-id"], name="inspection_verdict_score"),
            models.Index(fields=["outcome", "created", "id"], name="inspection_outcome_time"),
            models.Index(fields=["category", "outcome", "created", "id"], name="inspection_cat_outcome_time"),
            models.Index(
                fields=["-relative_score", "-id"],
                name="inspection_open_score",
                condition=models.Q(outcome="open"),
            ),
            models.Index(fields=["version", "created", "id"], name="inspection_version_time"),
            models.Index(fields=["submitted_by", "created", "id"], name="inspection_sender_time"),
            models.Index(
                fields=["created", "id"],
                name="inspection_reviewed_time",
                condition=models.Q(reviewed__isnull=False),
            ),
            # What a review says, which few have.
            *(
                models.Index(
                    fields=[name, "created", "id"],
                    name=f"inspection_{short}_time",
                    condition=models.Q(**{f"{name}__isnull": False}),
                )
                for name, short in (
                    ("decided_by", "decider"),
                    ("defect_type", "defect"),
                    ("severity", "severity"),
                    ("disagreement", "disagreement"),
                )
            ),
            models.Index(
                fields=["doubt", "id"], name="inspection_doubt", condition=models.Q(doubt__isnull=False)
            ),
            # The doubtful ones among OK photos: all REVIEW and many ANOMALY ones are nearer to the threshold.
            models.Index(
                fields=["verdict", "doubt", "id"],
                name="inspection_verdict_doubt",
                condition=models.Q(doubt__isnull=False),
            ),
            models.Index(
                fields=["category", "doubt", "id"],
                name="inspection_category_doubt",
                condition=models.Q(doubt__isnull=False),
            ),
            # So that an empty range is known without reading every row.
            models.Index(
                fields=["p_value", "id"], name="inspection_p_value", condition=models.Q(p_value__isnull=False)
            ),
            *(COMPARED_INDEX, UNSTABLE_INDEX),
            models.Index(
                fields=["reviewed", "id"],
                name="inspection_reviewed",
                condition=models.Q(reviewed__isnull=False),
            ),
            models.Index(
                fields=["lease_until"], name="inspection_lease", condition=models.Q(state="running")
            ),
            models.Index(
                fields=["wait_until"], name="inspection_held", condition=models.Q(wait_until__isnull=False)
            ),
            *(part_index(name) for name in ("lot", "serial", "station")),
            # For the search, by the start of a name. That of `sha256` is there.
            models.Index(
                fields=["filename", "id"],
                name="inspection_filename",
                opclasses=["varchar_pattern_ops", "int8_ops"],
            ),
            # The same file, judged before in the same category.
            models.Index(fields=["sha256", "category", "-id"], name="inspection_same_file"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(state="done")
                | models.Q(
                    score__isnull=False, threshold__isnull=False, version__isnull=False, verdict__gt=""
                ),
                name="done_has_a_verdict",
            )
        ]

    def __str__(self) -> str:
        return f"Inspection {self.pk}"

    @property
    def is_held(self) -> bool:
        """Whether it waits because of a fault that is not its own."""
        return self.state == State.WAITING and bool(self.wait_code)

    @property
    def is_other_part(self) -> bool:
        """Whether it got no verdict because it seems to show another part, or none."""
        return self.state == State.FAILED and self.error_code == NOT_THIS_PART

    @property
    def is_beyond_retry(self) -> bool:
        """Whether it failed for a reason that no second try changes."""
        return self.state == State.FAILED and self.error_code in PHOTO_FAULTS | {NOT_THIS_PART}

    def get_absolute_url(self) -> str:
        return reverse("inspections:inspection", args=[self.pk])
