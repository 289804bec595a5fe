"""What staff do with pages in the admin, as a browser sends it."""

import re
from typing import Any

from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse

from clinic.models import AuditEvent, User
from content.models import Page

EDITOR = ("view_page", "change_page", "add_page")


CLINICIAN = ("view_page", "review_page")


def staff(*codenames: str, email: str = "editor@example.org", **names: str) -> Client:
    user = User.objects.create_user(email, is_staff=True, **names)
    user.user_permissions.set(Permission.objects.filter(codename__in=codenames))
    client = Client()
    client.force_login(user)
    return client


def address(name: str, *arguments: object) -> str:
    return reverse(f"admin:content_page_{name}", args=arguments or [Page.objects.get().pk])


def form(**changes: Any) -> dict[str, Any]:
    page = Page.objects.get()
    names = ("title", "summary", "body", "slug", "language", "menu_title", "order", "sources_checked")
    fields = {name: getattr(page, name) for name in names}
    # What a browser sends: its own line ends, and nothing for what is empty.
    fields = {name: str(value).replace("\n", "\r\n") for name, value in fields.items() if value not in (None, "")}
    return {**fields, "seen": page.last_version.pk, **changes}


def save(client: Client, **changes: Any):
    return client.post(address("change"), form(**changes), follow=True)


def step(client: Client, name: str, **data: Any):
    return client.post(address(name), {"text": Page.objects.get().digest, **data}, follow=True)


def words(response) -> str:
    """What the page says, without its scripts and styles."""
    return " ".join(re.sub(r"<[^>]+>", " ", response.text).split())


def on_record() -> list[str]:
    return [event.detail for event in AuditEvent.objects.filter(kind="page")]
