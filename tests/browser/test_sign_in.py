"""From the link in an e-mail to the review desk, in a real browser, outside local mode."""

import re

import pytest
from django.contrib.auth.models import Group
from django.contrib.sessions.models import Session
from django.core.management import call_command
from django.test import Client
from playwright.sync_api import Page, Route, expect

from clinic.models import Invitation, User
from clinic.roles import CLINICIAN
from tests.browser.conftest import DESK, PHONE, Visit, sign_in
from tests.factories import make_submission, make_user
from tests.signing import PASSWORD, app_code, make_person

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def door(staff_visit, site, settings) -> Visit:
    """A browser in front of a review desk that asks for a second factor."""
    settings.LOCAL, settings.SITE_URL = False, site
    return staff_visit


def path_of(url: str) -> str:
    return "/" + url.split("/", 3)[3]


def invited(email: str = "ada@example.org") -> str:
    user = make_user(email=email)
    user.groups.add(Group.objects.get(name=CLINICIAN))
    return path_of(Invitation.objects.issue(user, by=None))


def choose_password(page: Page) -> None:
    page.get_by_label("First name").fill("Ada")
    page.get_by_label("Last name").fill("Quill")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_label("Password, again").fill(PASSWORD)
    page.get_by_role("button", name="Keep this password").click()


def give_password(page: Page, email: str = "ada@example.org") -> None:
    page.get_by_label("E-mail address").fill(email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()


def give_code(page: Page, code: str) -> None:
    page.get_by_label("Code", exact=True).fill(code)
    page.get_by_role("button", name="Sign in").click()


def set_up_app(page: Page) -> str:
    page.get_by_role("link", name="Set up an app").click()
    secret = page.locator("#secret").inner_text()
    page.get_by_label("Code", exact=True).fill(app_code(secret, -1))
    page.get_by_role("button", name="Set up the app").click()
    expect(page.get_by_role("heading", name="Recovery codes")).to_be_visible()
    return secret


def sign_out(page: Page) -> None:
    page.locator("#logout-form button").click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()


def test_from_an_invitation_to_the_review_desk_and_back_in_with_a_code(door):
    page = door.open(invited())
    choose_password(page)
    expect(page.get_by_role("heading", name="Set up a second step")).to_be_visible()

    door.open("/admin/intake/submission/")
    expect(page.get_by_role("heading", name="Set up a second step")).to_be_visible()
    secret = set_up_app(page)
    codes = page.locator(".signin-codes code").all_inner_texts()
    assert (len(set(codes)), all(re.fullmatch(r"\d{8}", code) for code in codes)) == (10, True)
    page.get_by_role("link", name="I have kept them").click()
    expect(page.get_by_role("heading", name="Review desk", level=1)).to_be_visible()

    sign_out(page)
    give_password(page)
    code = app_code(secret)
    give_code(page, code)
    expect(page.get_by_role("heading", name="Review desk", level=1)).to_be_visible()

    sign_out(page)
    give_password(page)
    give_code(page, code)
    expect(page.get_by_text("it was used before")).to_be_visible()
    give_code(page, codes[3])
    expect(page.get_by_role("heading", name="Review desk", level=1)).to_be_visible()


def test_a_passkey_is_added_and_signs_in(door):
    page = door.open("/admin/login/")
    tell = page.context.new_cdp_session(page).send
    tell("WebAuthn.enable")
    key = {"protocol": "ctap2", "transport": "internal", "hasUserVerification": True, "isUserVerified": True}
    tell("WebAuthn.addVirtualAuthenticator", {"options": {**key, "automaticPresenceSimulation": True}})
    make_person(is_superuser=True)

    give_password(page)
    page.get_by_role("link", name="Add a passkey").click()
    page.get_by_label("Name of this passkey").fill("Laptop")
    page.get_by_role("button", name="Add the passkey").click()
    expect(page.get_by_role("heading", name="Recovery codes")).to_be_visible()
    page.get_by_role("link", name="Your sign-in").last.click()
    expect(page.get_by_text("Laptop, since")).to_be_visible()

    sign_out(page)
    give_password(page)
    page.get_by_role("button", name="Use a passkey").click()
    expect(page.get_by_role("heading", name="Review desk", level=1)).to_be_visible()


def test_a_passkey_can_be_asked_for_once_the_scripts_are_there(door):
    make_person(is_superuser=True)
    page = door.open("/admin/login/")
    button = page.get_by_role("button", name="Add the passkey")
    before = []

    def look_first(route: Route) -> None:
        before.append(button.is_enabled())
        route.continue_()

    page.route("**/webauthn.js", look_first)
    give_password(page)
    page.get_by_role("link", name="Add a passkey").click()

    expect(button).to_be_enabled()
    assert before == [False]


def test_a_browser_that_refuses_a_passkey_says_so_in_words(door):
    make_person(is_superuser=True)
    door.page.add_init_script("navigator.credentials.create = () => Promise.reject(new DOMException('no'))")
    page = door.open("/admin/login/")
    give_password(page)
    page.get_by_role("link", name="Add a passkey").click()
    page.get_by_role("button", name="Add the passkey").click()

    expect(page.get_by_text("The browser could not use a passkey here")).to_be_visible()


@pytest.mark.parametrize(("size", "scheme"), [(PHONE, "dark"), (DESK, "light")], ids=["phone", "desk"])
def test_axe_finds_nothing_and_nothing_is_cut_off(door, size, scheme):
    page = door.page
    page.set_viewport_size(size)
    page.emulate_media(color_scheme=scheme)
    found: dict[str, list[str]] = {}

    def look(name: str) -> None:
        found[name] = door.axe()
        wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
        found[name] += [f"{wide} px too wide"] * (wide > 0)

    door.open("/admin/login/")
    look("sign-in")
    give_password(page)
    look("refused")
    door.open(invited())
    look("invitation")
    page.get_by_role("button", name="Keep this password").click()
    look("invitation with errors")
    choose_password(page)
    look("set up")
    page.get_by_role("link", name="Set up an app").click()
    look("app")
    page.get_by_label("Code", exact=True).fill("1")
    page.get_by_role("button", name="Set up the app").click()
    look("app with an error")
    door.open("/admin/security/")
    set_up_app(page)
    look("recovery codes")
    for path in ("", "app/remove/", "codes/", "codes/new/", "passkey/", "confirm/"):
        door.open(f"/admin/security/{path}")
        look(path.replace("/", " ") or "security")
    door.open("/admin/password_change/")
    look("password change")
    door.open("/admin/")
    look("desk")
    sign_out(page)
    give_password(page)
    look("second step")
    door.open("/admin/invitation/x/")
    look("link over")

    assert {name: faults for name, faults in found.items() if faults} == {}


def test_what_patients_sent_does_not_stay_on_a_screen_that_nobody_watches(staff_visit, staff, settings):
    submission = make_submission(name="Robin Marlow")
    page, path = staff_visit.page, f"/admin/intake/submission/{submission.pk}/change/"
    page.clock.install()
    sign_in(staff_visit, path=path)
    page.clock.fast_forward("15:30")
    expect(page.get_by_text("Robin Marlow").first).to_be_visible()

    settings.STAFF_IDLE_MINUTES = 0  # for the server the time is over as well
    page.clock.fast_forward("01:00")
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    page.go_back()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    assert "Robin Marlow" not in page.content()


def test_what_was_typed_stays_under_the_cover_until_its_author_is_back(staff_visit, staff, settings):
    submission = make_submission(name="Robin Marlow")
    page = staff_visit.page
    page.clock.install()
    sign_in(staff_visit, path=f"/admin/intake/submission/{submission.pk}/change/")
    note = page.locator("textarea[name=text]")
    note.fill("Called, no answer.")

    settings.STAFF_IDLE_MINUTES = 0
    page.clock.fast_forward("17:00")
    expect(page.get_by_role("heading", name="This page is covered")).to_be_visible()
    expect(page.get_by_text("Robin Marlow").first).to_be_hidden()
    assert staff_visit.axe() == []
    page.get_by_role("button", name="Show it again").click()
    expect(page.get_by_text("You were signed out.")).to_be_visible()
    expect(note).to_be_hidden()

    settings.STAFF_IDLE_MINUTES = 15
    Session.objects.all().delete()
    page.context.add_cookies([{"name": "session", "value": signed_in(staff), "url": staff_visit.site}])
    page.get_by_role("button", name="Show it again").click()
    expect(note).to_have_value("Called, no answer.")
    expect(note).to_be_visible()


def signed_in(user: User) -> str:
    """The cookie of somebody who has signed in, in another tab."""
    client = Client()
    client.force_login(user)
    return client.cookies["session"].value


def test_a_manager_sends_a_link_and_deletes_an_account_in_the_browser(door, settings):
    settings.LOCAL = True
    make_person("root@example.org", is_superuser=True)
    call_command("create_manager", "boss@example.org")
    page = door.open("/admin/clinic/user/add/")
    give_password(page, "root@example.org")
    page.get_by_label("E-mail address").fill("ada@example.org")
    page.get_by_label("Clinician").check()
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("A link was sent to ada@example.org")).to_be_visible()

    page.get_by_role("link", name="ada@example.org").first.click()
    page.get_by_role("button", name="Send a new link").click()
    expect(page.get_by_text("A link was sent to ada@example.org")).to_be_visible()
    assert door.axe() == []
    page.get_by_role("link", name="Delete", exact=True).click()
    assert door.axe() == []
    page.get_by_role("button", name="Delete the account").click()

    expect(page.get_by_role("link", name="boss@example.org")).to_be_visible()
    expect(page.get_by_role("link", name="ada@example.org")).to_have_count(0)
