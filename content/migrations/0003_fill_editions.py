"""What readers saw of each page becomes its first edition, and what a clinician signed becomes a review."""

import hashlib
import json

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

TEXT_FIELDS = ("title", "menu_title", "summary", "body", "order", "sources_checked")


def fill(apps: Apps, editor: BaseDatabaseSchemaEditor) -> None:
    Page = apps.get_model("content", "Page")
    for page in Page.objects.all():
        if page.reviewed_digest:
            page.review = apps.get_model("content", "Review").objects.create(
                page=page,
                digest=page.reviewed_digest,
                reviewed_by=page.reviewed_by,
                reviewed_on=page.reviewed_on,
                next_review_on=page.next_review_on,
            )
            Page.objects.filter(pk=page.pk).update(review=page.review)
        if page.status == "published":
            signed = page.reviewed_digest == _digest(page.title, page.summary, page.body)
            apps.get_model("content", "Edition").objects.create(
                **{name: getattr(page, name) for name in TEXT_FIELDS},
                page=page,
                live_at=page.updated_at,
                review=page.review if signed else None,
            )


def restore(apps: Apps, editor: BaseDatabaseSchemaEditor) -> None:
    """Give the reviews back to the pages; a page that was published stays so."""
    Page = apps.get_model("content", "Page")
    for page in Page.objects.exclude(review=None).select_related("review"):
        Page.objects.filter(pk=page.pk).update(
            reviewed_by=page.review.reviewed_by_id,
            reviewed_on=page.review.reviewed_on,
            next_review_on=page.review.next_review_on,
            reviewed_digest=page.review.digest,
        )
    Page.objects.filter(status="review").update(status="draft")


def _digest(*values: object) -> str:
    return hashlib.sha256(json.dumps(values, default=str).encode()).hexdigest()


class Migration(migrations.Migration):
    dependencies = [
        ("content", "0002_editions"),
    ]

    operations = [
        migrations.RunPython(fill, restore),
    ]
