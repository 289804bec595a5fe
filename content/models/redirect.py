from typing import ClassVar

from django.db import models

from content.models.edition import Edition
from content.models.start_text import languages


class RedirectQuerySet(models.QuerySet["Redirect"]):
    def live(self) -> "RedirectQuerySet":
        """Those whose page readers can see."""
        return self.filter(page__in=Edition.objects.live().values("page")).select_related("page")


class Redirect(models.Model):
    """An address that a page had once; kept by Page.save. It leads to the page itself, whatever its address is now.

    So there are no chains, and no loops.
    """

    slug = models.SlugField()
    language = models.CharField(max_length=10, choices=languages)
    page = models.ForeignKey("content.Page", on_delete=models.CASCADE, related_name="old_addresses")

    objects = RedirectQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["language", "slug"]
        constraints: ClassVar = [models.UniqueConstraint("slug", "language", name="redirect_once_in_each_language")]

    def __str__(self) -> str:
        return f"{self.slug} ({self.language})"
