"""Alerts: the rules that raise them, what was raised, and the messages about it."""

import uuid
from datetime import time

from django.conf import settings
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from inspector.categories.models import Category
from inspector.core.jobs import Job, State

NAME_LENGTH = 80
WORDS_LENGTH = 500
URL_LENGTH = 500
ADDRESSES_LENGTH = 1000
SECRET_LENGTH = 120
MOST_BODY = 100_000  # characters of an answer's body that are looked at; KEPT of them are kept
KEPT = 2_000


class Webhook(models.Model):
    """Where alerts are sent as signed requests. Retired, never deleted: the log names it."""

    name = models.CharField(max_length=NAME_LENGTH)
    url = models.CharField("Address", max_length=URL_LENGTH)
    # As Standard Webhooks spells it: whsec_ and base64.
    secret = models.CharField(max_length=SECRET_LENGTH, editable=False)
    created = models.DateTimeField(default=timezone.now, editable=False)
    retired = models.DateTimeField(null=True, editable=False)

    class Meta:
        ordering = ["name", "pk"]

    def __str__(self) -> str:
        return self.name


class Rule(models.Model):
    """When to raise an alert. What `limit` and `last` mean is said by its kind (`kinds`)."""

    name = models.CharField(max_length=NAME_LENGTH)
    kind = models.CharField(max_length=20)
    category = models.ForeignKey(
        Category, null=True, blank=True, on_delete=models.CASCADE, related_name="alert_rules"
    )
    limit = models.FloatField()
    last = models.PositiveIntegerField(null=True, blank=True, validators=[MinValueValidator(1)])
    # Once raised, it is over only when the value is on the good side of this: no flicker at the limit.
    over_at = models.FloatField("Over at", null=True, blank=True)
    quiet_minutes = models.PositiveIntegerField(
        "Quiet time",
        default=60,
        help_text="Minutes after an alert in which this rule raises no other one for the same category",
    )
    from_time = models.TimeField("Only from", null=True, blank=True)
    until_time = models.TimeField("until", null=True, blank=True)
    emails = models.CharField(
        "E-mail to",
        max_length=ADDRESSES_LENGTH,
        blank=True,
        help_text="Addresses, separated by commas",
    )
    webhooks = models.ManyToManyField(Webhook, blank=True, related_name="rules")
    enabled = models.BooleanField("In use", default=True)
    created = models.DateTimeField(default=timezone.now, editable=False)
    # When it was last evaluated, so that two sweeps do not do the same.
    looked = models.DateTimeField(null=True, editable=False)
    retired = models.DateTimeField(null=True, editable=False)

    class Meta:
        ordering = ["name", "pk"]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("alerts:rule", args=[self.pk])

    @property
    def hours(self) -> tuple[time, time] | None:
        """Of the day, in the installation's zone; None where it holds round the clock."""
        if self.from_time is None or self.until_time is None:
            return None
        return self.from_time, self.until_time

    @property
    def addresses(self) -> list[str]:
        return [one.strip() for one in self.emails.split(",") if one.strip()]


class Alert(models.Model):
    """That a rule's limit was reached. It is over by itself, and closed by a person."""

    rule = models.ForeignKey(Rule, on_delete=models.CASCADE, related_name="alerts")
    category = models.ForeignKey(Category, null=True, on_delete=models.CASCADE, related_name="alerts")
    words = models.CharField(max_length=WORDS_LENGTH)
    value = models.FloatField()
    limit = models.FloatField()
    created = models.DateTimeField(default=timezone.now, editable=False, db_index=True)
    over = models.DateTimeField(null=True, editable=False)
    acknowledged = models.DateTimeField(null=True, editable=False)
    acknowledged_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", editable=False
    )
    closed = models.DateTimeField(null=True, editable=False)
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", editable=False
    )
    note = models.CharField(max_length=WORDS_LENGTH, blank=True, help_text="What was found and done")

    class Meta:
        ordering = ["-pk"]
        indexes = [
            models.Index(fields=["-id"], condition=Q(closed=None), name="alert_open"),
            models.Index(fields=["rule", "category", "-id"], name="alert_of_rule"),
        ]
        constraints = [
            # Nulls differ from each other: so two.
            models.UniqueConstraint(
                fields=["rule", "category"], condition=Q(over=None), name="one_alert_of_a_category_at_once"
            ),
            models.UniqueConstraint(
                fields=["rule"], condition=Q(over=None, category=None), name="one_alert_of_a_rule_at_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.rule}: {self.category}" if self.category_id else str(self.rule)

    def get_absolute_url(self) -> str:
        return reverse("alerts:alert", args=[self.pk])


class Read(models.Model):
    """Up to which alert a person has seen the list."""

    person = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    until = models.BigIntegerField(default=0)

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.person}: {self.until}"


class Channel(models.TextChoices):
    EMAIL = "email", "E-mail"
    WEBHOOK = "webhook", "Webhook"


class Message(Job):
    """What is sent through one channel: a job of the sweep worker, tried again with growing pauses."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    alert = models.ForeignKey(Alert, null=True, on_delete=models.CASCADE, related_name="messages")
    channel = models.CharField(max_length=10, choices=Channel)
    webhook = models.ForeignKey(Webhook, null=True, on_delete=models.PROTECT, related_name="messages")
    to = models.CharField(max_length=URL_LENGTH)
    subject = models.CharField(max_length=WORDS_LENGTH)
    # As it is sent, byte for byte: the signature covers it.
    body = models.TextField()
    wait_until = models.DateTimeField(null=True, editable=False)

    class Meta:
        ordering = ["-pk"]
        indexes = [
            models.Index(fields=["id"], condition=Q(state=State.WAITING), name="message_waiting"),
            models.Index(fields=["lease_until"], condition=Q(state=State.RUNNING), name="message_running"),
        ]

    def __str__(self) -> str:
        return f"{self.subject}, to {self.to}"

    @property
    def message_id(self) -> str:
        """The same at each try, so that the receiver knows what it has already."""
        return f"msg_{self.uid.hex}"


class Answer(models.Model):
    """The result of one try to send a message."""

    message = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="answers")
    time = models.DateTimeField(default=timezone.now, editable=False)
    status = models.PositiveSmallIntegerField(null=True, help_text="HTTP status; null where none came")
    text = models.TextField(blank=True, help_text="What came back, or what went wrong")
    milliseconds = models.PositiveIntegerField()
    ok = models.BooleanField()

    class Meta:
        default_permissions = ()
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.status or 'No answer'} to {self.message_id}"
