"""What is inspected: categories of parts."""

from typing import Any

from django.db import models
from django.urls import reverse

from inspector.categories.names import KEY_LENGTH, key_of


class Category(models.Model):
    """One kind of part."""

    slug = models.SlugField(unique=True, max_length=60)
    name = models.CharField(max_length=80)
    # `names.key_of` the name: two that look alike are one, even when both are made at the same moment.
    key = models.CharField(max_length=KEY_LENGTH, unique=True, editable=False)
    description = models.TextField(blank=True)
    created = models.DateTimeField(auto_now_add=True)
    # Since when it is out of use; its history stays. Null: in use.
    archived = models.DateTimeField(null=True, editable=False)
    # The folder it was first imported from; "" for one whose photos came by browser.
    imported_from = models.TextField(blank=True, editable=False)

    class Meta:
        ordering = ["name"]
        verbose_name_plural = "categories"

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        # `create` and `describe` make the key match the name; other rows get one, too.
        self.key = self.key or key_of(self.name)
        super().save(*args, **kwargs)

    def get_absolute_url(self) -> str:
        return reverse("categories:category", args=[self.slug])
