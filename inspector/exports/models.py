"""What people take out of the system, where that takes longer than an answer may."""

from datetime import timedelta

from django.db import models
from django.urls import reverse
from django.utils.http import urlencode

from detection.files import tables
from inspector.core.jobs import LongJob

KEPT = timedelta(days=7)


class Form(models.TextChoices):
    """Kinds of files; the values are their endings."""

    CSV = "csv", "CSV"
    XLSX = "xlsx", "Excel"
    JSON = "json", "JSON"
    ZIP = "zip", "ZIP with photos and maps"
    PDF = "pdf", "PDF"


CONTENT_TYPES = {
    Form.CSV.value: tables.CONTENT_TYPE,
    Form.XLSX.value: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    Form.JSON.value: "application/json",
    Form.ZIP.value: "application/zip",
    Form.PDF.value: "application/pdf",
}


class Export(LongJob):
    """A file of inspections that a person asked for; its owner and admins may open it, for some days.

    Its progress is {"done", "total"} in inspections while it runs.
    """

    form = models.CharField(max_length=5, choices=Form, editable=False)
    # What narrows the history, as in its address, and `sort`.
    query = models.JSONField(default=dict, editable=False)
    title = models.CharField(max_length=200, blank=True, editable=False)
    # Of the person who asked: times are given in it.
    zone = models.CharField(max_length=64, default="UTC", editable=False)
    rows = models.PositiveIntegerField(null=True, editable=False, help_text="Inspections in it")
    bytes = models.PositiveBigIntegerField(null=True, editable=False)
    file = models.FileField(upload_to="unused", max_length=255, blank=True, editable=False)

    class Meta:
        ordering = ["-pk"]
        permissions = [("open_any_export", "Can open exports of others")]

    def __str__(self) -> str:
        return f"Export {self.pk}"

    def get_absolute_url(self) -> str:
        return reverse("exports:export", args=[self.pk])

    @property
    def filename(self) -> str:
        return f"inspections-{self.created:%Y-%m-%d}-{self.pk}.{self.form}"

    @property
    def again(self) -> str:
        """The address that asks for the same once more."""
        asked = self.query | ({"title": self.title} if self.title else {})
        return f"{reverse('exports:new')}{f'?{urlencode(asked)}' if asked else ''}"

    @property
    def until(self) -> object:
        """When the file is removed; None where there is none yet."""
        return self.finished and self.finished + KEPT
