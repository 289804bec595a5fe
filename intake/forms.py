import json
import time
import uuid
from collections.abc import Mapping
from datetime import timedelta
from functools import cached_property
from typing import Any

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Fieldset, Layout, Submit
from django import forms
from django.core import signing
from django.utils import translation
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext_lazy as _

from clinic.limits import Counted, Limit
from clinic.retention import draft_days
from intake import fhir, spam
from intake.identity import code_of, is_phone
from intake.layout import Agreement, Trap, blocks
from intake.live import live_rules
from intake.messages import MESSAGES, message
from intake.models import ConsentText, Draft, Submission
from intake.screening import Screening, Step
from intake.widgets import TelInput, widget_for


class AnswerField(forms.Field):
    """Hands on what was posted: the engine reads and checks it, with one set of rules."""

    def clean(self, value: Any) -> Any:
        return value


class StepForm(forms.Form):
    """One page of a questionnaire. It shows the draft's answers; `check` adds what is wrong with them."""

    def __init__(self, screening: Screening, step: Step, *, check: bool = False) -> None:
        raw = screening.draft.raw(step.questionnaire.pk)
        super().__init__(data=MultiValueDict(raw), auto_id="%s", use_required_attribute=False)
        self.screening, self.step = screening, step
        self.faults = screening.errors(step) if check else []
        self.language = language = step.form.shown(screening.draft.language)
        for item in step.items:
            if fhir.field_names(item):
                self.fields[item.name] = AnswerField(
                    label=item.text(language), required=item.required, widget=widget_for(item, language, code_of(item))
                )

    def clean(self) -> None:
        with translation.override(self.language):  # of the questions, which may have no translation
            for fault in self.faults:
                item = self.step.form.by_id[fault.link_id]
                asked = next(below for below in item.walk() if below.name in self.fields)  # a group: its first question
                self.add_error(asked.name, message(item, fault))

    @property
    def helper(self) -> FormHelper:
        helper = FormHelper(self)
        helper.form_tag = False
        helper.disable_csrf = True
        form = self.step.questionnaire
        rules = live_rules(self.step, self.screening.answers(form))
        helper.layout = Layout(*blocks(self.step.page.items, self.language, self.screening.enabled(form), rules))
        return helper


class ConsentForm(forms.Form):
    """Agreement to the text that is shown, and the token that makes sending it twice harmless."""

    token = forms.CharField(widget=forms.HiddenInput, required=False)
    agreed = forms.BooleanField(
        label=_("I have read this and I agree"), error_messages={"required": _("Tick the box to agree, then send.")}
    )

    SALT = "intake.screening.send"

    def __init__(self, data: Mapping[str, Any] | None = None, *, token: str) -> None:
        super().__init__(data, initial={"token": token})

    @classmethod
    def token_of(cls, draft: Draft) -> str:
        return signing.dumps(str(draft.pk), salt=cls.SALT)

    @classmethod
    def draft_of(cls, data: Mapping[str, Any]) -> Draft | None:
        """The draft that a posted token names, for a tab whose cookie is gone."""
        try:
            pk = signing.loads(data.get("token", ""), salt=cls.SALT, max_age=draft_days() * 24 * 3600)
        except signing.BadSignature:
            return None
        return Draft.objects.living().select_related("submission").filter(pk=pk).first()

    @property
    def helper(self) -> FormHelper:
        helper = FormHelper(self)
        helper.form_tag = False
        return helper


class ResumeForm(forms.Form):
    email = forms.EmailField(
        label=_("Your e-mail address"),
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
        error_messages={
            "required": _("Enter the e-mail address that the link should go to."),
            "invalid": MESSAGES["email"],
        },
    )

    @property
    def helper(self) -> FormHelper:
        helper = FormHelper(self)
        helper.form_tag = False
        return helper


class ContactForm(forms.Form):
    """A request to be contacted. A message that looks automatic is kept and marked, never dropped."""

    SALT = "intake.contact"
    SENT = Limit("the same request", tries=1, window=timedelta(days=1))
    TEXT = Limit("the same text", tries=1, window=timedelta(days=1))

    name = forms.CharField(
        label=_("Your name"),
        max_length=200,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
        error_messages={"required": _("Enter your name.")},
    )
    contact_method = forms.ChoiceField(
        label=_("How should we reach you?"),
        choices=Submission.ContactMethod.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose phone or e-mail.")},
    )
    phone = forms.CharField(
        label=_("Phone number"),
        required=False,
        max_length=40,
        widget=TelInput(attrs={"autocomplete": "tel"}),
        help_text=_("Needed if you chose a phone call."),
    )
    email = forms.EmailField(
        label=_("E-mail address"),
        required=False,
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
        help_text=_("Needed if you chose e-mail. We also send a receipt there."),
        error_messages={"invalid": MESSAGES["email"]},
    )
    best_time = forms.CharField(
        label=_("Best time to reach you (optional)"),
        required=False,
        max_length=200,
        help_text=_("For example: weekday mornings."),
    )
    preferred_language = forms.CharField(label=_("Language you prefer (optional)"), required=False, max_length=100)
    message = forms.CharField(
        label=_("Message (optional)"),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text=_("Please do not write medical details here. We will ask for what we need when we talk."),
    )
    website = forms.CharField(required=False, label=_("Leave this field empty"), max_length=200)
    token = forms.CharField(widget=forms.HiddenInput, required=False)
    agreed = forms.BooleanField(
        label=_("I have read this and I agree"), error_messages={"required": _("Tick the box to agree, then send.")}
    )

    def __init__(
        self, data: Mapping[str, Any] | None = None, *, consent: ConsentText, initial: dict[str, Any] | None = None
    ) -> None:
        super().__init__(data, initial=initial)
        self.consent = consent

    @classmethod
    def new_token(cls) -> str:
        """Name a form that is given out, and say when that was."""
        return signing.dumps([str(uuid.uuid4()), time.time()], salt=cls.SALT)

    def clean_phone(self) -> str:
        phone: str = self.cleaned_data["phone"]
        if phone and not is_phone(phone):
            raise forms.ValidationError(MESSAGES["phone"])
        return phone

    def clean(self) -> None:
        chosen = self.cleaned_data.get("contact_method")
        missing = {
            "phone": _("Enter a phone number, because you chose a phone call."),
            "email": _("Enter an e-mail address, because you chose e-mail."),
        }
        if chosen and chosen not in self.errors and not self.cleaned_data.get(chosen):
            self.add_error(chosen, missing[chosen])

    def save(self, *, is_repeated: bool, with_receipt: bool) -> Submission:
        """Store the request; the same form sent again gives the same submission. Saves.

        `is_repeated` says that another request of the last day had this text.
        """
        details, (_, age) = self._details, self._form_id_and_age
        signs = spam.signs(
            trapped=bool(self.cleaned_data["website"]),
            age=age,
            message=details["message"],
            short=[details["name"], details["best_time"], details["preferred_language"]],
            repeated=is_repeated,
        )
        return Submission.objects.receive(
            origin=self._origin,
            kind=Submission.Kind.CONTACT,
            language=self.consent.language,
            consent=self.consent,
            details=details | {"is_suspect": bool(signs), "suspect_signs": signs},
            with_receipt=with_receipt,
        )

    @property
    def sameness(self) -> list[Counted]:
        """What to count, in this order, to learn at the last whether another request had this text; nothing for a
        short one. Only for a valid form.

        The same request sent twice is counted once, so that a double click repeats nothing.
        """
        gist = spam.gist(self.cleaned_data["message"])
        return [(self.SENT, str(self._origin)), (self.TEXT, gist)] if gist else []

    @property
    def _details(self) -> dict[str, str]:
        fields = ("name", "contact_method", "phone", "email", "best_time", "preferred_language", "message")
        return {field: self.cleaned_data[field] for field in fields}

    @cached_property
    def _origin(self) -> uuid.UUID:
        """Names the request: the form and what was typed into it."""
        return uuid.uuid5(self._form_id_and_age[0], json.dumps(self._details))

    @cached_property
    def _form_id_and_age(self) -> tuple[uuid.UUID, float | None]:
        """The form's id and its age in seconds; a forged or missing token gives a new id and no age."""
        try:
            form_id, made_at = signing.loads(self.cleaned_data["token"], salt=self.SALT)
        except signing.BadSignature:
            return uuid.uuid4(), None
        return uuid.UUID(form_id), time.time() - made_at

    @property
    def helper(self) -> FormHelper:
        helper = FormHelper(self)
        helper.form_id = "contact-form"
        helper.attrs = {"novalidate": ""}  # our own error messages, not the browser's
        helper.layout = Layout(
            "name",
            Fieldset(_("How to reach you"), "contact_method", "phone", "email", "best_time", "preferred_language"),
            "message",
            Trap("website"),
            Agreement(self.consent, "agreed"),
            "token",
            Submit("submit", _("Send")),
        )
        return helper
