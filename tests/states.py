"""Every public page in every state that a visitor can bring it into, as the site answers it.

The walk knows no list of pages and no questionnaire: it asks for what is published and takes the steps that there are.
"""

from functools import cache
from typing import Any

from django.conf.urls.i18n import i18n_patterns
from django.core.exceptions import PermissionDenied
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse
from django.test import Client, override_settings
from django.urls import path, reverse
from django.utils import translation

from clinic import urls as project
from clinic.models import Message, Tally
from content.models import Edition
from intake import cookie
from intake.models import ResumeLink
from intake.screening import Step
from tests.allowances import ALL, use_up
from tests.visitor import ITEM_9, Visitor, hidden

FAILURES = {"forbidden": PermissionDenied, "broken": ValueError, "away": OperationalError}


def fail(request: HttpRequest, how: str) -> HttpResponse:
    raise FAILURES[how]("planted")


urlpatterns = [
    *i18n_patterns(path("fails/<slug:how>/", fail), prefix_default_language=False),
    *project.urlpatterns,
]
handler400, handler403 = project.handler400, project.handler403
handler404, handler500 = project.handler404, project.handler500


@cache
def every_state(language: str) -> dict[str, HttpResponse]:
    """The answers by name, asked for once a process.

    Needs the pages, the questionnaires and the start values; stores submissions.
    """
    walk = _Walk()
    with override_settings(ROOT_URLCONF="tests.states"), translation.override(language):
        for part in (walk.pages, walk.contact, walk.screening, walk.risky_screening, walk.refusals):
            part()
    assert all(response.status_code not in (301, 302) for response in walk.states.values())
    return walk.states


class _Walk:
    def __init__(self) -> None:
        self.states: dict[str, HttpResponse] = {}

    def keep(self, name: str, response: HttpResponse) -> HttpResponse:
        assert name not in self.states, name
        self.states[name] = response
        return response

    def pages(self) -> None:
        for page in Edition.objects.live().filter(page__language=translation.get_language()):
            self.keep(f"page {page.slug}", Client().get(page.get_absolute_url()))

    def contact(self) -> None:
        client, address = Client(), reverse("intake:contact")
        self.keep("contact", client.get(address))
        self.keep("contact, empty", client.post(address))
        wrong = {"name": "Jo", "contact_method": "email", "email": "jo@", "phone": "12", "message": "m" * 2001}
        self.keep("contact, wrong", client.post(address, wrong))
        client.post(address, {"name": "Jo", "contact_method": "email", "email": "jo@example.org", "agreed": "on"})
        self.keep("contact sent", client.get(reverse("intake:contact_sent")))

    def screening(self) -> None:
        visitor = Visitor(Client())
        start = reverse("intake:screening")
        self.keep("screening start", visitor.client.get(start))
        visitor.start()
        self.keep("screening start, begun", visitor.client.get(start))
        self._steps(visitor, "")
        self._check(visitor)
        self._limits(visitor)
        self._saving(visitor)
        self._sending(visitor)

    def risky_screening(self) -> None:
        """The same with the help panel, from the answer that brings it."""
        visitor = Visitor(Client())
        visitor.start()
        self._steps(visitor, ", help panel", {ITEM_9: 2})
        save = reverse("intake:save")
        self.keep("save, help panel", visitor.client.get(save))
        self.keep("save, empty, help panel", visitor.client.post(save, {"email": ""}))
        self.keep("check, help panel", visitor.client.get(reverse("intake:check")))
        self._send(visitor, ", help panel")

    def _steps(self, visitor: Visitor, suffix: str, answers: dict[str, Any] | None = None) -> None:
        """Each step blank and with errors, then answered with what is required and these answers by linkId.

        With a suffix only those that show the help panel, and blank.
        """
        for step in visitor.walk.all_steps:
            shown = visitor.get(step)
            if not suffix:
                self.keep(f"step {step.number}", shown)
                self._mistakes(visitor, step)
            elif shown.context["help_is_due"]:
                self.keep(f"step {step.number}{suffix}", shown)
            own = {key: value for key, value in (answers or {}).items() if key in step.form.by_id}
            done = visitor.about() if step.number == 1 else visitor.answer(step, own)
            assert done.status_code == 302, step.number

    def _mistakes(self, visitor: Visitor, step: Step) -> None:
        """The step as it comes back with errors, or with questions that the page had not shown; then blank again."""
        seen = {"seen": " ".join(item.name for item in step.items)}
        for name, typed in {"empty": seen, "wrong": seen | _wrong(step), "new questions": {"seen": ""}}.items():
            response = visitor.client.post(reverse("intake:step", args=[step.number]), typed)
            if response.status_code != 302 and (name != "new questions" or step.number == 1):
                self.keep(f"step {step.number}, {name}", response)
        visitor.answer(step, {}, back="1")

    def _check(self, visitor: Visitor) -> None:
        address = reverse("intake:check")
        self.keep("check", visitor.client.get(address))
        self.keep("check, not agreed", visitor.client.post(address))
        first = visitor.walk.all_steps[0]
        self.keep("step 1, to change", visitor.client.get(reverse("intake:step", args=[1]), {"return": "check"}))
        visitor.answer(first, {}, later="1")
        self.keep("check, unfinished", visitor.client.get(address))
        visitor.about()

    def _limits(self, visitor: Visitor) -> None:
        """Each form once its limit is used up; afterwards no count is left."""
        search, phq9 = reverse("content:search"), visitor.step("phq-9")
        self.keep("search", visitor.client.get(search, {"q": "hope"}))
        use_up(*ALL)
        typed = {"contact": {"name": "Jo", "message": "Hello"}, "save": {"email": "home@example.org"}}
        for form in ("contact", "screening", "save", "check"):
            self.keep(f"{form}, limited", visitor.client.post(reverse(f"intake:{form}"), typed.get(form, {})))
        self.keep("search, limited", visitor.client.get(search, {"q": "hope"}))
        self.keep("step 1, limited", visitor.about())
        self.keep(f"step {phq9.number}, limited, help panel", visitor.answer(phq9, {ITEM_9: 2}))
        Tally.objects.all().delete()
        visitor.answer(phq9)

    def _saving(self, visitor: Visitor) -> None:
        address = reverse("intake:save")
        self.keep("save", visitor.client.get(address))
        self.keep("save, empty", visitor.client.post(address, {"email": ""}))
        home = f"home-{translation.get_language()}@example.org"  # written to five times in each language
        self.keep("saved", visitor.client.post(address, {"email": home}))
        body = Message.objects.get(template="resume_link", about=visitor.draft.pk).body
        link = "/" + next(word for word in body.split() if "/resume/" in word).split("/", 3)[3]
        self.keep("resume", Client().get(link))
        for _ in range(ResumeLink.LIMIT_PER_DRAFT):
            visitor.client.post(address, {"email": home})
        self.keep("save, too often", visitor.client.get(address))
        opened = visitor.client.post(link)
        assert opened.status_code == 302
        self.keep("link expired", Client().get(link))

    def _sending(self, visitor: Visitor) -> None:
        token = hidden(visitor.client.get(reverse("intake:check")), "token")
        self._send(visitor, "")
        other = Client().post(reverse("intake:check"), {"agreed": "on", "token": token})
        self.keep("already sent", other)
        self.keep("nothing here", visitor.client.get(reverse("intake:done")))

    def _send(self, visitor: Visitor, suffix: str) -> None:
        assert visitor.send().status_code == 302
        self.keep(f"done{suffix}", visitor.client.get(reverse("intake:done")))
        assert visitor.client.cookies[cookie.NAME].value == ""

    def refusals(self) -> None:
        minor = Visitor(Client())
        minor.start()
        self.keep("under age", minor.about(birth_date=(2020, 2, 29)))
        lost = Visitor(Client())
        lost.start()
        lost.about()
        with override_settings(FIELD_KEYS=(b"k" * 32,)):
            self.keep("draft lost", lost.client.get(reverse("intake:step", args=[2])))
        contact = reverse("intake:contact")
        strict = Client(enforce_csrf_checks=True, raise_request_exception=False)
        self.keep("400", strict.get(f"{contact}?q=%00"))
        self.keep("403, no cookie", strict.post(contact))
        self.keep("404", strict.get(f"{contact}no-such-page/"))
        self.keep("413", strict.post(contact, CONTENT_LENGTH="9999999"))
        for how in FAILURES:
            self.keep(how, strict.get(f"{reverse('content:home')}fails/{how}/"))


def _wrong(step: Step) -> dict[str, str]:
    """What is no date, no number and no address, in every field that is typed."""
    fields: dict[str, str] = {}
    for item in step.items:
        if item.type == "date":
            fields |= {f"{item.name}-{part}": "77" for part in ("month", "day", "year")}
        elif not item.options and item.type != "text":
            fields[item.name] = "a lot"
    return fields
