"""How people see the history: what each chose last, and the views that are kept."""

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode

VIEW_LENGTH = 60


class Layout(models.TextChoices):
    LIST = "list", "List"
    COMPACT = "compact", "Compact"
    GRID = "grid", "Grid"


class SavedView(models.Model):
    """Filters, order, layout and columns of the history under a name."""

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="views")
    name = models.CharField(max_length=VIEW_LENGTH)
    # As in the history's address, and `sort`.
    query = models.JSONField(default=dict)
    layout = models.CharField(max_length=10, choices=Layout, default=Layout.LIST)
    columns = models.JSONField(default=list, help_text="Names; empty for the usual")
    shared = models.BooleanField(default=False)
    created = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        app_label = "inspections"
        ordering = ["name", "pk"]
        permissions = [("share_savedview", "Can share views")]
        constraints = [models.UniqueConstraint(fields=["owner", "name"], name="one_view_of_a_name")]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return f"{reverse('inspections:history')}?{urlencode(self.query | {'view': self.pk})}"


class Display(models.Model):
    """What a person chose last."""

    person = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    layout = models.CharField(max_length=10, choices=Layout, default=Layout.LIST)
    columns = models.JSONField(default=list)
    start = models.ForeignKey(SavedView, null=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        app_label = "inspections"

    def __str__(self) -> str:
        return f"The history as {self.person} sees it"
