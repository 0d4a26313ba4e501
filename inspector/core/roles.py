"""The three roles. What each may do is in `site.roles`, which knows what there is to do."""

from django.db import models


class Role(models.TextChoices):
    INSPECTOR = "Inspector", "Inspector"
    QA_MANAGER = "QA manager", "QA manager"
    ADMIN = "Admin", "Admin"
