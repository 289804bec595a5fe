"""The site with a payload in every text that somebody can put into it, and every page that shows one."""

import io
import json
import uuid
from zipfile import ZipFile

from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation

from clinic import audit, outbox
from clinic.models import AuditEvent, ClinicProfile, Message, User
from content.models import Page, Source, Term
from intake.models import CannedReply, ConsentText, Packet, PacketItem, Questionnaire, SavedView, Submission, Tag
from tests.addresses import Rows, admin_addresses
from tests.factories import make_submission
from tests.intake.fhir import build
from tests.payloads import MARKDOWN, PAYLOADS, Planter
from tests.visitor import Visitor

DISPLAY = {"questionnaire-itemControl": "help", "questionnaire-displayCategory": "instructions"}
CONTACT = {"name": 200, "best_time": 200, "preferred_language": 100, "message": 2000}  # with how long each may be
WRONG = {"email": "x@", "phone": "12", "contact_method": "none"}


class Planted:
    def __init__(self) -> None:
        self.planter, self.rows = Planter(), Rows()
        self.text = self.planter.text
        self.staff = User.objects.create_user(
            "planted@example.org",
            is_staff=True,
            is_superuser=True,
            first_name=self.text("staff first name", 150),
            last_name=self.text("staff last name", 150),
        )
        self.everywhere = {"staff first name", "staff last name"}  # the greeting of each page
        self.client = Client()
        self.client.force_login(self.staff)
        for plant in (self._clinic, self._desk, self._content, self._questionnaire):
            plant()
        self.visitors = self._visit()
        self._work()

    def _fill(self, row, **limits: int) -> None:
        """Put a payload into each of these fields of a stored row, whatever its form would say."""
        kind = type(row).__name__
        values = {name: self.text(f"{kind}.{name}", most) for name, most in limits.items()}
        type(row)._base_manager.filter(pk=row.pk).update(**values)

    def _clinic(self) -> None:
        profile = ClinicProfile.load()
        self._fill(profile, name=200, physician=200, address=500, phone=40, hours=500, hours_es=500)
        self._fill(profile, reading_times=200, reading_times_es=200, reply_within=200, reply_within_es=200)
        self._fill(profile, alert_emails=500, escalation_emails=500)
        ClinicProfile.objects.update(confirmed_on=timezone.localdate(), email="office@example.org")
        line = profile.crisis_lines.first()
        self._fill(line, label=100, label_es=100, call=30, call_note=100, call_note_es=100, text_to=30, text_word=30)
        profile.crisis_lines.filter(pk=line.pk).update(in_help_panel=True, position=0)

    def _desk(self) -> None:
        self.tag = Tag.objects.create(name=self.text("Tag.name", 30))
        SavedView.objects.create(owner=self.staff, name=self.text("SavedView.name", 40))
        self.reply = CannedReply.objects.create(language="en")
        self._fill(self.reply, title=100)
        braces = {"subject": self._no_braces("CannedReply.subject", 150), "body": self._no_braces("CannedReply.body")}
        CannedReply.objects.filter(pk=self.reply.pk).update(**braces)
        self.reply.refresh_from_db()
        for consent in ConsentText.objects.all():
            self._fill(consent, text=500)
        outbox.send("reply", to="x@example.org", context={"subject": "s", "body": "b"})
        self._fill(Message.objects.get(template="reply"), error=100)
        reference, detail = self.text("AuditEvent.reference", 200), self.text("AuditEvent.detail", 200)
        audit.record(AuditEvent.Action.CHANGED, by=self.staff, kind="tag", reference=reference, detail=detail)

    def _no_braces(self, where: str, most: int = 4000) -> str:
        """A reply with a brace that stands for nothing cannot be saved."""
        return self.text(where, most).replace("{", "(").replace("}", ")")

    def _content(self) -> None:
        """The whole corpus in the text of a page; its other fields take a payload each."""
        source, term = Source.objects.get(key="FAVA"), Term.objects.get(key="placebo", language="en")
        self._fill(source, authors=300, title=500, container=300, note=500)
        Source.objects.filter(pk=source.pk).update(doi='10.1234/"><svg/onload=ran()>')
        self._fill(term, name=100, definition=600)
        body = "\n\n".join(PAYLOADS) + "\n\n" + "\n\n".join(f"- {one}" for one in MARKDOWN if "\n" not in one)
        for slug in ("home", "types"):
            page = Page.objects.get(slug=slug, language="en")
            page.title, page.menu_title = self.text("Page.title", 200), self.text("Page.menu_title", 60)
            page.summary = self.text("Page.summary", 500) + " [@FAVA] [[placebo]]"
            heading = self.text("heading", 200)
            page.body = f"## {heading}\n\nA claim [@FAVA].\n\n{body}\n\n| {heading.replace('|', '')} |\n|---|\n| a |"
            page.save_edit()
            page.mark_reviewed(by=self.staff)
            page.publish(by=self.staff)
        page.editions.update(reason=self.text("Edition.reason", 500))
        for row, proposed in ((page, "body"), (source, "title"), (term, "definition")):
            row.refresh_from_db()
            values = {name: getattr(row, name) for name in row.START_FIELDS}
            row.propose(values | {proposed: self.text(f"proposed {proposed}", 500)})
        Page.objects.filter(pk=page.pk).update(title=self.text("Page.title, changed", 200))
        self.rows.page = page
        self.rows.rows |= {Page: page, Source: source, Term: term, CannedReply: self.reply, Tag: self.tag}

    def _questionnaire(self) -> None:
        packet = Packet.objects.create(name=self.text("Packet.name", 200))
        form = Questionnaire.objects.store(json.dumps(self._definition()))
        form.activate()
        about = Questionnaire.objects.get(url__endswith="/about-you")
        for position, asked in enumerate((about, form)):
            PacketItem.objects.create(packet=packet, questionnaire=asked, position=position)
        Packet.objects.filter(is_current=True).update(is_current=False)
        Packet.objects.filter(pk=packet.pk).update(is_current=True)
        self.rows.rows |= {Questionnaire: form, Packet: packet}

    def _token(self, where: str, most: int) -> str:
        return self.text(where, most, is_token=True)

    def _both(self, name: str, most: int = 500) -> dict[str, object]:
        """An element in English and Spanish."""
        return {
            name: self.text(f"form {name}", most),
            f"_{name}": build.translated(es=self.text(f"form {name}, Spanish", most)),
        }

    def _definition(self) -> build.Json:
        help_text = build.question("help", "display", **self._both("text"))
        help_text["extension"] = [
            build.extension(name, valueCodeableConcept={"coding": [{"code": code}]}) for name, code in DISPLAY.items()
        ]
        options = [
            build.option("yes", valueCoding={"system": build.SYSTEM, "code": "yes", **self._both("display", 300)}),
            {"valueString": self.text("form option, plain", 300), "_valueString": build.translated(es="Otra")},
        ]
        prefixed = build.extension("questionnaire-optionPrefix", valueString=self.text("form option prefix", 300))
        options[0]["extension"] = [prefixed]
        scale = [build.option("c0", 0), build.option("c1", 1)]
        entry = build.extension("entryFormat", valueString=self.text("form entry format", 300))
        asked = [
            build.question(self._token("form linkId", 200), "string", **self._both("text"), extension=[entry]),
            build.question("open", "text", **self._both("text"), **self._both("prefix", 300), item=[help_text]),
            build.choice("choice", *options) | self._both("text"),
            build.choice("many", *options, repeats=True) | self._both("text"),
            build.choice("risk", *scale, **self._both("text")),
            build.total("total", **self._both("text")),
        ]
        for one in scale:
            one["valueCoding"] |= self._both("display", 300)
        band = build.band(0, 1, "any")
        band["extension"][3]["valueString"] = self.text("form band", 300)
        alert = build.alert(self._token("form alert", 100), build.trigger("risk", valueCoding=scale[1]["valueCoding"]))
        group = build.group("group", *asked, **self._both("text"), **self._both("prefix", 300))
        texts = self._both("title", 300) | self._both("copyright") | self._both("description")
        url = "https://clinic.example/fhir/Questionnaire/planted"
        extensions = [build.score("total", "risk", bands=(band,)), alert]
        return build.form(group, **texts, url=url, extension=extensions, version=self._token("form version", 60))

    def _visit(self) -> dict[str, HttpResponse]:
        """What visitors see, each page once: the texts of the site, and what they typed themselves."""
        found = {}
        for language in ("en", "es"):
            with translation.override(language):
                for name in ("home", "handout", "feed", "sitemap"):
                    found[f"{name} {language}"] = Client().get(reverse(f"content:{name}"))
                for slug in ("types", "glossary", "about", "get-help-now"):
                    found[f"{slug} {language}"] = Client().get(reverse("content:page", args=[slug]))
                found |= {f"{name} {language}": one for name, one in self._typed(language).items()}
        for number, payload in enumerate(PAYLOADS[::12]):
            found[f"search {number}"] = Client().get("/search/", {"q": payload})
            found[f"missing {number}"] = Client().get(f"/no-such/{payload.replace('?', '').replace('#', '')}")
        return found

    def _typed(self, language: str) -> dict[str, HttpResponse]:
        client = Client()
        visitor = Visitor(client)
        typed = {name: self.text(f"contact {name}", most) for name, most in CONTACT.items()}
        contact = client.post(reverse("intake:contact"), typed | WRONG)
        visitor.start()
        visitor.about(name=self.text("visitor name", 200), best_time=self.text("visitor best time", 100))
        step = visitor.walk.all_steps[-1]
        by_type = {item.type: item.link_id for item in step.items}
        answers = {"choice": "yes", "many": ["yes"], "risk": "c1", "open": self.text("visitor text", 400)}
        answers[by_type["string"]] = self.text("visitor string", 200)
        blank = visitor.get(step)
        visitor.answer(step, answers)
        found = {"contact": contact, "step": blank, "step, answered": visitor.get(step)}
        found["check"] = client.get(reverse("intake:check"))
        visitor.send()
        self.submission = Submission.objects.latest("created_at")
        return found | {"done": client.get(reverse("intake:done"))}

    def _work(self) -> None:
        """What staff do about the submission, and a contact request beside it."""
        submission = self.submission
        submission.look(by=self.rows.view.owner)
        submission.start_review(by=self.staff)
        submission.assign(self.staff, by=self.staff)
        submission.tag([self.tag], by=self.staff)
        for payload in PAYLOADS:
            submission.add_note(payload, by=self.staff)
        submission.add_note(self.text("note", is_line=False), by=self.staff)
        submission.reply(self.reply, uuid.uuid4(), by=self.staff)
        given = {name: self.text(f"stored {name}", most) for name, most in CONTACT.items()}
        self.contact = make_submission(**given)
        submission.hold("hold-records", by=self.staff)
        self.rows.rows[Submission], self.rows.submission = submission, submission
        self.rows.others |= {"alert": submission.alerts.get().pk, "other": submission.pk}
        self.rows.others |= {"edition": self.rows.page.editions.last().pk, "version": self.rows.page.last_version.pk}

    def pages(self) -> dict[str, HttpResponse]:
        """Every page of the admin that opens without a form, those that a form leads to, and what visitors see."""
        found = {}
        for address in admin_addresses():
            response = self.client.get(self.rows.of(address))
            if response.status_code == 200 and response["Content-Type"].startswith("text/html"):
                found[f"{address.name or address.route}"] = response
        found |= self._posted() | self.visitors
        return {name: page for name, page in found.items() if self._shown(page) - self.everywhere}

    def _shown(self, page: HttpResponse) -> set[str]:
        """What of the planted the page shows."""
        text = page.content.decode().lower()
        return {where for mark, where in self.planter.marks.items() if mark in text}

    def _posted(self) -> dict[str, HttpResponse]:
        desk, page = f"/admin/intake/submission/{self.submission.pk}/", f"/admin/content/page/{self.rows.page.pk}/"
        post = self.client.post
        return {
            "printed": post(f"{desk}print/", {"reason": "medical-record", "notes": "on"}),
            "reply, to look at": post(f"{desk}reply/", {"reply": self.reply.pk, "key": uuid.uuid4()}),
            "note, refused": post(f"{desk}note/", {"text": self.text("note, refused"), "key": "x"}),
            "page, conflict": post(f"{page}change/", {"title": self.text("page, refused", 200), "seen": 1}),
            "page, previewed": post(f"{page}preview/", {"title": self.text("page, typed", 200), "body": "x"}),
            "contact request": self.client.get(self.contact.get_absolute_url()),
            "search": post("/admin/intake/submission/", {"text": self.text("desk search", 200)}),
        }

    def document(self) -> str:
        """The document of everything.zip, which opens from a disk."""
        response = self.client.post(f"/admin/intake/submission/{self.submission.pk}/everything/")
        return ZipFile(io.BytesIO(response.getvalue())).read("print.html").decode()
