"""How photos say which part they show: the rules of each category."""

from django.db import models

from inspector.categories.models import Category

PATTERN_LENGTH = 300
PART_LENGTH = 100  # characters of a lot, a serial, ...
CODE_KINDS = {"datamatrix": "DataMatrix", "qr": "QR code", "code128": "Code 128"}


class CodeFills(models.TextChoices):
    SERIAL = "serial", "The serial"
    LOT = "lot", "The lot"
    PATTERN = "pattern", "What a pattern finds in it"


class PartRules(models.Model):
    """How a category's photos say which part they show, where no person does (see `part_rules`)."""

    category = models.OneToOneField(Category, on_delete=models.CASCADE, related_name="part_rules")
    filename_pattern = models.CharField(max_length=PATTERN_LENGTH, blank=True)
    codes = models.JSONField(default=list, blank=True, help_text="Kinds of codes to look for on the photo")
    code_fills = models.CharField(max_length=10, choices=CodeFills, default=CodeFills.SERIAL)
    code_pattern = models.CharField(max_length=PATTERN_LENGTH, blank=True)
    # Where on the photo the code is, in percent of its size.
    left = models.PositiveSmallIntegerField(default=0)
    top = models.PositiveSmallIntegerField(default=0)
    right = models.PositiveSmallIntegerField(default=100)
    bottom = models.PositiveSmallIntegerField(default=100)
    trusts_exif = models.BooleanField(default=False)
    # A photo that shows another part gets no verdict (`which_part`).
    checks_part = models.BooleanField(default=True, db_default=True)

    class Meta:
        verbose_name_plural = "part rules"

    def __str__(self) -> str:
        return f"Part rules of {self.category}"


def part_index(name: str) -> models.Index:
    """For those that have one. The classes of PostgreSQL serve `=` and the start of a name alike."""
    return models.Index(
        fields=[name, "created", "id"],
        name=f"inspection_{name}",
        opclasses=["varchar_pattern_ops", "timestamptz_ops", "int8_ops"],
        condition=models.Q(**{f"{name}__gt": ""}),
    )
