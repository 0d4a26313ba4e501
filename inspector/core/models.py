"""The audit trail: who did what to what, and when. Rows are only ever added."""

from django.conf import settings
from django.db import models


class AuditEvent(models.Model):
    when = models.DateTimeField(auto_now_add=True, db_index=True)
    who = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    verb = models.CharField(max_length=40)
    what = models.CharField(max_length=200, help_text="Name of the object, as shown on the site")
    detail = models.JSONField(default=dict)
    # What a person did as one thing but the program in several steps, such as an upload in many requests:
    # its events have the same operation, and `core.trail` shows them as one entry.
    operation = models.UUIDField(null=True, editable=False, db_index=True)

    class Meta:
        ordering = ["-when", "-pk"]
        verbose_name = "audit trail entry"
        verbose_name_plural = "audit trail entries"

    def __str__(self) -> str:
        return f"{self.verb} {self.what}"


class Process(models.Model):
    """A worker as it last told of itself (`core.health.telling`). Its times are the database's."""

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
