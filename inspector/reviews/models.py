"""What people decided about inspections, and what waits for them. A review is added, never changed."""

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone

from inspector.categories.models import Category
from inspector.inspections.models import Inspection, Severity
from inspector.inspections.part_models import PART_LENGTH
from inspector.samples.models import Sample

NAME_LENGTH, WORDS_LENGTH, SEED_LENGTH = 40, 500, 100  # a slug fits into a seed
KEYS = range(1, 10)


class Decision(models.TextChoices):
    GOOD = "good", "Good"
    DEFECTIVE = "defective", "Defective"
    UNSURE = "unsure", "Cannot tell"


class Disposition(models.TextChoices):
    """What becomes of a defective part."""

    SCRAP = "scrap", "Scrap"
    REWORK = "rework", "Rework"
    USE_AS_IS = "use_as_is", "Use as is"
    RETURN = "return", "Return to supplier"
    HOLD = "hold", "Hold"


class DefectType(models.Model):
    """A kind of defect of a category. Retired when it is no longer used; never deleted."""

    category = models.ForeignKey(Category, on_delete=models.CASCADE, related_name="defect_types")
    name = models.CharField(max_length=NAME_LENGTH)
    # As `categories.names.key_of` makes it: what looks alike is one type.
    name_key = models.CharField(max_length=255, editable=False)
    severity = models.CharField(max_length=10, choices=Severity, default=Severity.MAJOR)
    key = models.PositiveSmallIntegerField(
        null=True,
        blank=True,
        validators=[MinValueValidator(KEYS[0]), MaxValueValidator(KEYS[-1])],
        help_text="1 to 9: decides for this type on the review page",
    )
    description = models.CharField(max_length=WORDS_LENGTH, blank=True)
    # A photo that shows what it looks like.
    example = models.ForeignKey(
        Inspection, null=True, blank=True, editable=False, on_delete=models.SET_NULL, related_name="+"
    )
    created = models.DateTimeField(default=timezone.now, editable=False)
    retired = models.DateTimeField(null=True, editable=False)

    class Meta:
        ordering = ["category", "key", "name"]
        constraints = [
            models.UniqueConstraint(fields=["category", "name_key"], name="one_defect_type_of_a_name"),
            models.UniqueConstraint(
                fields=["category", "key"],
                condition=Q(retired=None, key__isnull=False),
                name="one_defect_type_of_a_key",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def shown_example(self) -> int | None:  # as long as that photo is decided to have this defect
        return self.example_id if self.example and self.example.defect_type == self.pk else None


class Review(models.Model):
    """What a person decided about an inspection. It stands until it is withdrawn or followed by another."""

    inspection = models.ForeignKey(Inspection, on_delete=models.PROTECT, related_name="reviews")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="reviews")
    decision = models.CharField(max_length=10, choices=Decision)
    defect_type = models.ForeignKey(
        DefectType, null=True, blank=True, on_delete=models.PROTECT, related_name="reviews"
    )
    severity = models.CharField(max_length=10, choices=Severity, blank=True)
    disposition = models.CharField(max_length=10, choices=Disposition, blank=True)
    comment = models.CharField(max_length=WORDS_LENGTH, blank=True)
    created = models.DateTimeField(default=timezone.now, editable=False)
    # Between showing the photo and deciding; null where it was not measured.
    seconds = models.FloatField(null=True)
    # Of the request: sent twice, it counts once; what was decided by one operation is undone together.
    operation = models.UUIDField(null=True, db_index=True)

    class Meta:
        ordering = ["-created", "-pk"]
        permissions = [
            ("dispute_inspection", "Can dispute a verdict"),
            ("withdraw_any_review", "Can withdraw reviews of others"),
            ("send_to_samples", "Can send decided photos to the samples"),
        ]
        indexes = [
            models.Index(fields=["inspection", "-id"], name="review_of_inspection"),
            models.Index(fields=["person", "-created"], name="review_of_person"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["inspection", "operation"],
                condition=Q(operation__isnull=False),
                name="one_review_of_an_operation",
            ),
            models.CheckConstraint(
                condition=Q(decision=Decision.DEFECTIVE) | Q(defect_type=None, severity="", disposition=""),
                name="only_defective_parts_have_defects",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_decision_display()}, by {self.person}"


class Withdrawal(models.Model):
    """A review no longer stands. The review itself is kept as it was."""

    review = models.OneToOneField(Review, on_delete=models.PROTECT, related_name="withdrawal")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    reason = models.CharField(max_length=WORDS_LENGTH, blank=True)
    created = models.DateTimeField(default=timezone.now, editable=False)

    def __str__(self) -> str:
        return f"Withdrawn by {self.person}"


class Mark(models.Model):
    """Where on a photo a person sees the defect. Added, never changed: the newest one counts, until it is
    withdrawn or the part is decided to be good."""

    inspection = models.ForeignKey(Inspection, on_delete=models.PROTECT, related_name="marks")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    created = models.DateTimeField(default=timezone.now, editable=False)
    # A PNG at the photo's size, upright as it is shown: 255 on the defect, else 0. Beside the photo.
    mask = models.FileField(upload_to="unused", max_length=255)
    sha256 = models.CharField(max_length=64, help_text="Of the mask")
    # The same as lines, to lay over the photo (SVG).
    outline = models.FileField(upload_to="unused", max_length=255)
    share = models.FloatField(help_text="Of the photo's pixels")
    # What it was made with: names of `masks.TOOLS`, in the order of their first use.
    tools = models.JSONField(default=list)

    class Meta:
        ordering = ["-pk"]
        default_permissions = ()
        indexes = [models.Index(fields=["inspection", "-id"], name="mark_of_inspection")]

    def __str__(self) -> str:
        return f"Mark by {self.person}"


class MarkWithdrawal(models.Model):
    """A mark no longer counts. The mark itself is kept as it was."""

    mark = models.OneToOneField(Mark, on_delete=models.PROTECT, related_name="withdrawal")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    reason = models.CharField(max_length=WORDS_LENGTH, blank=True)
    created = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"Mark withdrawn by {self.person}"


class Dispute(models.Model):
    """A person's doubt about a verdict, and why."""

    inspection = models.ForeignKey(Inspection, on_delete=models.PROTECT, related_name="disputes")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    reason = models.CharField(max_length=WORDS_LENGTH)
    created = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ["-created", "-pk"]

    def __str__(self) -> str:
        return f"Disputed by {self.person}"


class SentSample(models.Model):
    """That a decided photo was sent to the samples, by whom, and what became of it there."""

    inspection = models.OneToOneField(Inspection, on_delete=models.PROTECT, related_name="sent_sample")
    # Null once it was removed from the samples.
    sample = models.ForeignKey(Sample, null=True, on_delete=models.SET_NULL, related_name="+")
    # Whose mask the sample has; null where it has none, or one that came otherwise.
    mark = models.ForeignKey(Mark, null=True, on_delete=models.PROTECT, related_name="+")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    created = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.inspection} among the samples"


class Why(models.TextChoices):
    """Why an inspection waits for a person."""

    DISPUTED = "disputed", "Disputed"
    REVIEW = "review", "REVIEW verdict"
    ANOMALY = "anomaly", "ANOMALY verdict"
    CHECK = "check", "Random check of an OK"


class Entry(models.Model):
    """An inspection in the queue. Once decided it is closed, not removed: why it was drawn is evidence."""

    inspection = models.OneToOneField(Inspection, on_delete=models.PROTECT, related_name="entry")
    category = models.ForeignKey(Category, on_delete=models.PROTECT, related_name="entries")
    why = models.CharField(max_length=10, choices=Why)
    disputed = models.BooleanField(default=False)
    # The probability with which an OK like this was drawn; 1 for what always comes.
    probability = models.FloatField(default=1.0)
    # Between score and threshold, in deviations of log scores of good test photos: the smaller, the harder.
    doubt = models.FloatField()
    relative_score = models.FloatField()
    created = models.DateTimeField(default=timezone.now, editable=False)  # since when it waits
    lent_to = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    lent_until = models.DateTimeField(null=True)
    closed = models.DateTimeField(null=True)
    # For a second opinion: who decided first, and does not get it again.
    not_for = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )

    class Meta:
        verbose_name_plural = "entries"
        permissions = [("work_queue", "Can work through the review queue")]
        indexes = [
            # Each order of the queue, for all categories and for one; disputed ones come first in all.
            *(
                models.Index(fields=[*first, "-disputed", *order, "id"], condition=Q(closed=None), name=name)
                for first, order, name in (
                    ([], ["doubt"], "entry_doubt"),
                    ([], ["-relative_score"], "entry_worst"),
                    ([], ["created"], "entry_oldest"),
                    (["category"], ["doubt"], "entry_category_doubt"),
                    (["category"], ["-relative_score"], "entry_category_worst"),
                    (["category"], ["created"], "entry_category_oldest"),
                )
            ),
            models.Index(
                fields=["lent_to"], condition=Q(closed=None, lent_to__isnull=False), name="entry_lent"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.inspection} in the queue"


class QueueRules(models.Model):
    """What comes into the queue of a category, and who may decide."""

    category = models.OneToOneField(Category, on_delete=models.CASCADE, related_name="queue_rules")
    anomalies = models.BooleanField("Anomalies, too", default=True)
    share = models.FloatField(
        "Share of OK photos",
        default=0.01,
        validators=[MinValueValidator(0.0), MaxValueValidator(1.0)],
        help_text="0.01 is one in a hundred, drawn at random",
    )
    at_least = models.PositiveSmallIntegerField(
        "Minimum of OK photos a day",
        default=5,
        validators=[MaxValueValidator(1000)],
        help_text="If few photos are inspected, more than the share is drawn",
    )
    inspectors_decide = models.BooleanField(
        "Inspectors decide REVIEW themselves",
        default=False,
        help_text="On photos that they sent",
    )
    second_share = models.FloatField(
        "Share for a second opinion",
        default=0.0,
        validators=[MinValueValidator(0.0), MaxValueValidator(1.0)],
        help_text="Of decided photos, at random: another person decides again, without the first decision",
    )
    # A good part to compare with; null: the most typical one.
    golden = models.ForeignKey(
        Sample, null=True, blank=True, editable=False, on_delete=models.SET_NULL, related_name="+"
    )
    # With an inspection's id it decides whether an OK is drawn: who knows it can check that afterwards.
    seed = models.CharField(max_length=SEED_LENGTH, editable=False)

    class Meta:
        verbose_name_plural = "queue rules"

    def __str__(self) -> str:
        return f"Queue of {self.category}"


class LotStatus(models.TextChoices):
    RELEASED = "released", "Released"
    BLOCKED = "blocked", "Blocked"
    UNDER_REVIEW = "under_review", "Under review"


class LotDecision(models.Model):
    """What was decided about a lot, and why. Added, never changed: the newest one counts.

    Two categories whose lots have one name have two lots.
    """

    # It can only be deleted when it has no inspections, so no lots.
    category = models.ForeignKey(Category, on_delete=models.CASCADE, related_name="+")
    lot = models.CharField(max_length=PART_LENGTH)
    # 1, 2, ... of this lot in its category, so that of two decisions at once only one is taken.
    number = models.PositiveIntegerField()
    status = models.CharField(max_length=20, choices=LotStatus)
    reason = models.CharField(max_length=WORDS_LENGTH)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    created = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ["lot", "category", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["lot", "category", "number"], name="one_lot_decision_of_a_number")
        ]

    def __str__(self) -> str:
        return f"{self.lot}: {self.get_status_display()}"


class SecondOpinion(models.Model):
    """A decided photo that another person decides again, blindly: it shows how well they agree."""

    inspection = models.OneToOneField(Inspection, on_delete=models.PROTECT, related_name="second_opinion")
    category = models.ForeignKey(Category, on_delete=models.PROTECT, related_name="second_opinions")
    first = models.OneToOneField(Review, on_delete=models.PROTECT, related_name="+")
    second = models.OneToOneField(Review, null=True, on_delete=models.PROTECT, related_name="+")
    created = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        default_permissions = ()
        indexes = [models.Index(fields=["category", "-id"], name="second_opinion_of_category")]

    def __str__(self) -> str:
        return f"Second opinion about {self.inspection}"
