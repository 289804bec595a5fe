"""The crispy template pack in templates/forms/: every reference leads somewhere, in every state of a form."""

import re

import pytest
from crispy_forms.helper import FormHelper
from crispy_forms.layout import HTML, Button, Div, Fieldset, Hidden, Layout, Submit
from crispy_forms.utils import render_crispy_form
from django import forms
from django.template import Context, Template

from intake.widgets import DateParts
from tests.content.markup import Element, Markup

YES_NO = [("y", "Yes"), ("n", "No")]
REQUIRED = {"name": "Jo", "reached": "y", "symptoms": ["a", "b"], "country": "us", "agreed": "on"}
BORN = {"born-month": "2", "born-day": "29", "born-year": "1980"}


class Born(forms.Field):
    """Each part as it was typed, all three needed."""

    def validate(self, value: list[str | None]) -> None:
        super().validate("".join(part or "" for part in value))


class Demo(forms.Form):
    """Each widget that the portal uses, once with a hint and once without."""

    name = forms.CharField(label="Your name")
    email = forms.EmailField(label="E-mail", help_text="For a receipt.", required=False)
    message = forms.CharField(label="Message", widget=forms.Textarea, help_text="Short.", max_length=9, required=False)
    country = forms.ChoiceField(label="Country", choices=[("", "Choose one"), ("us", "USA")])
    reached = forms.ChoiceField(label="May we call?", choices=YES_NO, widget=forms.RadioSelect, help_text="Or write.")
    again = forms.ChoiceField(label="And again?", choices=YES_NO, widget=forms.RadioSelect, required=False)
    symptoms = forms.MultipleChoiceField(
        label="Which?", choices=[("a", "One"), ("b", "Two")], widget=forms.CheckboxSelectMultiple
    )
    born = Born(label="Date of birth", widget=DateParts(autocomplete=True), help_text="Adults only.")
    agreed = forms.BooleanField(label="I agree", help_text="To the text above.")
    token = forms.CharField(widget=forms.HiddenInput, required=False)

    def clean(self) -> None:
        if self.cleaned_data.get("name") == "Nobody":
            raise forms.ValidationError("Nobody is not a name.")

    @property
    def helper(self) -> FormHelper:
        helper = FormHelper(self)
        helper.attrs = {"novalidate": ""}
        helper.layout = Layout(
            Fieldset(
                "Who you are",
                "name",
                Fieldset("How to reach you", HTML("<p>Either will do.</p>"), "email", "reached", css_id="reach"),
                Div("again", css_class="conditional", css_id="again-part"),
            ),
            "message",
            "country",
            Fieldset("", "symptoms", "born"),
            "agreed",
            "token",
            Hidden("kind", "demo"),
            Button("check", "Check", css_class="button--secondary"),
            Submit("send", "Send"),
        )
        return helper


STATES = {
    "blank": None,
    "empty": {},
    "valid": REQUIRED | BORN,
    "wrong": {"email": "no", "message": "far too long", "country": "xx", "reached": "?", "symptoms": ["z"]},
    "refused": REQUIRED | BORN | {"name": "Nobody"},
}
SUMMARY = Template('{% include "partials/error_summary.html" with form=form only %}')


def page(data: dict | None, **options) -> Markup:
    form = Demo(data, **options)
    return Markup(SUMMARY.render(Context({"form": form})) + render_crispy_form(form))


def by_id(markup: Markup) -> dict[str | None, Element]:
    return {element["id"]: element for element in markup.elements if element["id"]}


@pytest.fixture(params=STATES, ids=str)
def state(request) -> Markup:
    return page(STATES[request.param])


def test_no_id_is_used_twice(state):
    ids = [element["id"] for element in state.elements if element["id"]]

    assert sorted(ids) == sorted(set(ids))


def test_every_description_label_and_link_leads_to_an_element(state):
    named = [
        target
        for element in state.elements
        for attribute in ("aria-describedby", "aria-labelledby", "for")
        for target in (element[attribute] or "").split()
    ]
    linked = [link["href"].removeprefix("#") for link in state.all("a") if link["href"].startswith("#")]

    assert named
    assert set(named + linked) - set(by_id(state)) == set()


def test_every_control_has_a_label_of_its_own(state):
    controls = [element["id"] for element in state.all("input", "select", "textarea") if element["type"] != "hidden"]
    labels = [label["for"] for label in state.all("label")]

    assert len(controls) == 14
    assert sorted(controls) == sorted(labels)


def test_a_group_of_choices_and_a_date_are_named_by_their_legend(state):
    assert [legend.text for legend in state.all("legend")] == [
        "Who you are",
        "How to reach you",
        "May we call?",
        "And again?",
        "Which?",
        "Date of birth",
    ]


def test_a_blank_form_describes_only_the_fields_with_a_hint():
    blank = page(None)

    assert [element["aria-describedby"] for element in blank.elements if element["aria-describedby"]] == [
        "id_email_helptext",
        "id_reached_helptext",
        "id_message_helptext",
        "id_born_helptext",
        "id_agreed_helptext",
    ]
    assert not [element for element in blank.elements if element["aria-invalid"]]
    assert not [element for element in blank.elements if element["role"] == "alert"]


def test_the_summary_names_each_mistake_and_leads_to_the_control_where_it_is_mended():
    links = [(link["href"], link.text) for link in page({}).all("a")]

    assert [href for href, _ in links] == [
        "#id_name",
        "#id_country",
        "#id_reached_0",
        "#id_symptoms_0",
        "#id_born_0",
        "#id_agreed",
    ]
    assert [text for _, text in links[1:3]] == [
        "Country: This field is required.",
        "May we call? This field is required.",
    ]


@pytest.mark.parametrize(
    ("month", "day", "year", "target"),
    [
        ("13", "1", "1980", "id_born_0"),
        ("2", "", "1980", "id_born_1"),
        ("2", "32", "1980", "id_born_1"),
        ("2", "3", "80", "id_born_2"),
        ("2", "3", "²", "id_born_2"),
        ("2", "30", "1980", "id_born_0"),
    ],
)
def test_of_a_date_the_summary_leads_to_the_first_wrong_part(month, day, year, target):
    form = Demo(REQUIRED | {"born-month": month, "born-day": day, "born-year": year})
    form.add_error("born", "Enter a date that exists.")

    assert [link["href"] for link in Markup(SUMMARY.render(Context({"form": form}))).all("a")] == [f"#{target}"]


def test_what_concerns_the_whole_form_is_in_the_summary_without_a_link():
    refused = page(STATES["refused"])

    assert [item.text for item in refused.all("li")] == ["Nobody is not a name."]
    assert refused.all("a") == []


def test_the_summary_is_announced_and_takes_the_focus():
    [alert] = [element for element in page({}).elements if element["role"] == "alert"]

    assert alert["tabindex"] == "-1"
    assert "autofocus" in alert.attributes


def test_an_error_stands_at_its_field_and_begins_with_the_word_error():
    wrong = by_id(page(STATES["wrong"]))

    assert wrong["id_email_error"].text == "Error: Enter a valid email address."
    assert wrong["id_email"]["aria-describedby"] == "id_email_helptext id_email_error"
    assert wrong["id_email"]["aria-invalid"] == "true"


def test_the_error_of_a_group_is_tied_to_its_fieldset():
    described = [fieldset["aria-describedby"] for fieldset in page({}).all("fieldset") if fieldset["aria-describedby"]]

    assert described == ["id_reached_helptext id_reached_error", "id_symptoms_error", "id_born_helptext id_born_error"]


def test_what_was_entered_is_kept():
    valid = by_id(page(STATES["valid"] | {"name": '<b>"Jo"</b>', "message": "</textarea>"}))

    assert valid["id_name"]["value"] == '<b>"Jo"</b>'
    assert valid["id_message"].text == "</textarea>"
    assert [valid[f"id_born_{part}"]["value"] for part in range(3)] == ["2", "29", "1980"]
    chosen = [name for name, element in valid.items() if "checked" in element.attributes]
    assert chosen == ["id_reached_0", "id_symptoms_0", "id_symptoms_1", "id_agreed"]


def test_the_parts_of_a_date_are_in_american_order_for_a_number_pad_and_for_autofill():
    parts = [element for element in page(None).all("input") if (element["name"] or "").startswith("born")]

    assert [(part["name"], part["autocomplete"], part["inputmode"]) for part in parts] == [
        ("born-month", "bday-month", "numeric"),
        ("born-day", "bday-day", "numeric"),
        ("born-year", "bday-year", "numeric"),
    ]
    labels = {label["for"]: label.text for label in page(None).all("label")}
    assert [labels[part["id"]] for part in parts] == ["Month", "Day", "Year"]


def test_buttons_are_buttons_and_a_hidden_value_has_no_box():
    markup = page(None)

    assert [(button["type"], button["class"], button["name"], button.text) for button in markup.all("button")] == [
        ("button", "button button--secondary", "check", "Check"),
        ("submit", "button", "send", "Send"),
    ]
    hidden = [element["name"] for element in markup.all("input") if element["type"] == "hidden"]
    assert hidden == ["token", "kind"]


def test_the_browser_does_not_check_the_form_and_it_posts():
    [form] = page(None).all("form")

    assert (form["method"], "novalidate" in form.attributes) == ("post", True)


def test_a_form_carries_its_csrf_token_unless_the_page_does():
    token = {"csrf_token": "planted"}
    unnamed = FormHelper(Demo())
    unnamed.disable_csrf = True

    assert "planted" in render_crispy_form(Demo(), context=token)
    assert "planted" not in render_crispy_form(Demo(), unnamed, context=token)


def test_a_form_without_a_layout_shows_every_field_in_order():
    plain = Markup(render_crispy_form(Demo(), FormHelper()))

    names = [element["name"] for element in plain.all("input", "select", "textarea")]
    assert list(dict.fromkeys(re.sub(r"-.*", "", name) for name in names)) == list(Demo.base_fields)


def test_ids_follow_the_form_that_names_its_controls_itself():
    named = by_id(page({}, auto_id="%s"))

    assert {"name", "reached_0", "born_2", "name-item", "name_error"} <= set(named)


@pytest.mark.parametrize(
    ("choices", "in_a_row"),
    [
        (["Not at all", "Several days", "More than half the days", "Nearly every day"], True),
        (["One", "Two", "Three", "Four", "Five"], False),
        (["Yes", "No, and I have never thought of it"], False),
    ],
)
def test_few_short_options_may_share_a_row(choices, in_a_row):
    class Scale(forms.Form):
        often = forms.ChoiceField(choices=[(text, text) for text in choices], widget=forms.RadioSelect)

    assert ("choices--row" in render_crispy_form(Scale(), FormHelper())) is in_a_row
