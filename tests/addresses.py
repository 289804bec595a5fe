"""Every address of the site, out of its URL conf, with the ids of rows that are there or of none that is."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from uuid import UUID

from django.apps import apps
from django.db.models import Model
from django.urls import URLPattern, get_resolver

from clinic.models import Invitation, User
from content.models import Page
from intake.models import Packet, SavedView, Submission, Tag
from tests.factories import make_screening
from tests.stock import stock

ADMIN = "admin/"
PARAMETER = re.compile(r"<(?:\w+:)?(\w+)>")
NOBODY, NO_NUMBER = UUID(int=0), 999_999_999  # ids that nothing has


@dataclass(frozen=True)
class Address:
    route: str  # "admin/intake/submission/<uuid:pk>/change/"
    name: str  # of the admin's own without "admin:"

    @cached_property
    def parameters(self) -> dict[str, str]:
        """The names in the route, each with the kind of what may stand there."""
        return {name: kind for kind, name in re.findall(r"<(\w+):(\w+)>", self.route)}

    @cached_property
    def ids(self) -> set[str]:
        """The parameters that name a row."""
        return {name for name, kind in self.parameters.items() if kind in ("int", "uuid", "path") and name != "number"}

    @property
    def kind(self) -> str:
        """`intake_submission` for what lies below /admin/intake/submission/, or nothing."""
        match = re.match(r"admin/(\w+)/(\w+)/", self.route)
        return f"{match[1]}_{match[2]}" if match and match[1] in apps.app_configs else ""

    def at(self, values: Mapping[str, object]) -> str:
        return "/" + PARAMETER.sub(lambda found: str(values[found[1]]), self.route)


def every_address() -> list[Address]:
    return list(_walk(get_resolver().url_patterns, ""))


def admin_addresses() -> list[Address]:
    return [address for address in every_address() if address.route.startswith(ADMIN)]


def _walk(patterns: list, before: str) -> Iterator[Address]:
    for pattern in patterns:
        route = before + _route(str(pattern.pattern))
        if isinstance(pattern, URLPattern):
            yield Address(route, pattern.name or "")
        else:
            yield from _walk(pattern.url_patterns, route)


def _route(pattern: str) -> str:
    """The only two expressions are the admin's: a list of the apps, and whatever nothing else takes."""
    if not pattern.startswith(("^", "(?P")):
        return pattern
    return re.sub(r"\(\?P<(\w+)>[^)]*\)", r"<str:\1>", pattern).strip("^$")


class Rows:
    """A row for every address of the admin: any of its model, unless others hang on it."""

    def __init__(self) -> None:
        for command, model in (("load_pages", Page), ("load_questionnaires", Packet)):
            if not model.objects.exists():
                stock(command)
        user = User.objects.create_user("another@example.org", is_staff=True)
        self.submission = make_screening(phq9=[0] * 8 + [1])
        self.alert = self.submission.alerts.get()
        self.page = Page.objects.get(slug="types", language="en")
        self.rows: dict[type[Model], Model] = {
            User: user,
            Submission: self.submission,
            Page: self.page,
            Packet: Packet.objects.current(),
        }
        self.view = SavedView.objects.create(owner=user, name="Mine")
        self.invitation = Invitation.objects.issue(user, by=user).rstrip("/").rsplit("/", 1)[1]
        self.others: dict[str, object] = {
            "app_label": "clinic",
            "url": "no/such/address",
            "language": "en",
            "number": 1,
            "step": 1,
            "slug": "types",
            "alert": self.alert.pk,
            "other": self.submission.pk,
            "token": self.invitation,
            "edition": self.page.editions.get().pk,
            "version": self.page.last_version.pk,
        }
        Tag.objects.create(name="interpreter")

    def of(self, address: Address, **others: object) -> str:
        """The address of what is there; `others` are put in the place of its parameters."""
        return address.at(self._values(address) | others)

    def missing(self, address: Address) -> Iterator[str]:
        """The address with each of its ids replaced by one that nothing has."""
        for name in sorted(address.ids):
            there = self._values(address)[name]
            yield self.of(address, **{name: NOBODY if isinstance(there, UUID) else NO_NUMBER})

    def _values(self, address: Address) -> dict[str, object]:
        return self.others | dict.fromkeys(("pk", "object_id"), self._key(address))

    def _key(self, address: Address) -> object:
        if "views/" in address.route:
            return self.view.pk
        if not address.kind:
            return NO_NUMBER  # a passkey: it needs its owner's browser, tests/clinic/test_sign_in.py
        model = apps.get_model(address.kind.replace("_", ".", 1))
        if model not in self.rows:
            self.rows[model] = model._base_manager.all()[0]
        return self.rows[model].pk
