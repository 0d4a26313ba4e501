"""Events: who did what to what, and when, only ever added, in a chain; their deliveries; steps of setting up;
workers."""

from django.conf import settings
from django.db import models
from django.utils import timezone

from inspector.core.jobs import Job, State
from inspector.core.proof.form import NOTHING


class Event(models.Model):
    """One thing that happened. Written by `core.events.record`, read by `core.trail`."""

    time = models.DateTimeField(auto_now_add=True, db_index=True)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    kind = models.CharField(max_length=60)
    # Not references: core lies below the apps that have these rows, and an event outlives them.
    subject_type = models.CharField(max_length=40, blank=True)
    subject_id = models.BigIntegerField(null=True)
    category_id = models.BigIntegerField(null=True)
    subject_name = models.CharField(max_length=200, help_text="Name of the object, as shown on the site then")
    detail = models.JSONField(default=dict)
    # What a person did as one thing but the program in several steps, such as an upload in many requests:
    # its events have the same operation, and `core.trail` shows them as one entry.
    operation = models.UUIDField(null=True, editable=False, db_index=True)
    # Its place in the chain, none until it is sealed (`core.proof`); from then on triggers keep the row.
    position = models.BigIntegerField(null=True, editable=False)
    hash = models.CharField(max_length=64, blank=True, editable=False)

    class Meta:
        ordering = ["-time", "-pk"]
        verbose_name = "audit trail entry"
        verbose_name_plural = "audit trail entries"
        indexes = [
            models.Index(fields=["subject_type", "subject_id", "-id"], name="event_subject"),
            models.Index(fields=["actor", "-id"], name="event_actor"),
            models.Index(fields=["category_id", "-id"], name="event_category"),
            models.Index(fields=["id"], condition=models.Q(position=None), name="event_unsealed"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["position"], condition=models.Q(position__isnull=False), name="one_event_a_position"
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.subject_name}"


class Chain(models.Model):
    """Where the chain of events ends: one row, locked while events are sealed."""

    length = models.BigIntegerField(default=0)
    head = models.CharField(max_length=64, default=NOTHING)

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.length} entries"


class Verification(models.Model):
    """A walk along the chain, from its first entry on; `reached` and `hash` say how far it has come."""

    started = models.DateTimeField(default=timezone.now)
    finished = models.DateTimeField(null=True)
    reached = models.BigIntegerField(default=0)
    hash = models.CharField(max_length=64, default=NOTHING)
    # Of a broken chain: the first entry that does not fit, where there is one, and what is wrong with it.
    event_id = models.BigIntegerField(null=True)
    finding = models.TextField(blank=True)

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return self.finding or f"{self.reached} entries"


class Delivery(Job):
    """An event that a consumer of `core.outbox` has to get, or has got."""

    consumer = models.CharField(max_length=40)
    event = models.ForeignKey(Event, on_delete=models.PROTECT, related_name="deliveries")
    # After a fault of the consumer.
    wait_until = models.DateTimeField(null=True)

    class Meta:
        default_permissions = ()
        verbose_name_plural = "deliveries"
        constraints = [models.UniqueConstraint(fields=["event", "consumer"], name="delivered_once")]
        indexes = [
            models.Index(
                fields=["consumer", "id"], condition=models.Q(state=State.WAITING), name="delivery_waiting"
            ),
            models.Index(
                fields=["lease_until"], condition=models.Q(state=State.RUNNING), name="delivery_running"
            ),
        ]

    def __str__(self) -> str:
        return f"Event {self.event_id} for {self.consumer}"


class SetupStep(models.Model):
    """A step of setting up that is done once, and was."""

    name = models.CharField(max_length=40, unique=True)
    done = models.DateTimeField(default=timezone.now)

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return self.name


class Process(models.Model):
    """A worker as it last reported (`core.health.reporting`). Its times are the database's."""

    name = models.CharField(max_length=255)
    pid = models.PositiveIntegerField()
    queues = models.CharField(max_length=200)
    host = models.CharField(max_length=255)
    version = models.CharField(max_length=40)
    started = models.DateTimeField()
    seen = models.DateTimeField()
    stopped = models.DateTimeField(null=True)
    doing = models.CharField(max_length=200, blank=True)
    doing_since = models.DateTimeField(null=True)

    class Meta:
        default_permissions = ["view"]
        verbose_name_plural = "processes"
        constraints = [models.UniqueConstraint(fields=["name", "pid"], name="one_row_a_process")]

    def __str__(self) -> str:
        return self.name
