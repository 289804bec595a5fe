"""Two people erase a submission, and a person gets their file, in a real browser."""

from zipfile import ZipFile

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.conftest import DESK, PASSWORD, PHONE, Visit, sign_in
from tests.factories import make_screening, make_submission, make_user

TABLET = {"width": 820, "height": 1100}

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def second_visit(browser: Browser, site: str):
    """The browser of a second member of staff, without JavaScript."""
    user = make_user(email="second@example.org", is_superuser=True, first_name="Mo", last_name="Lund")
    user.set_password(PASSWORD)
    user.save()
    context = browser.new_context(viewport=TABLET, java_script_enabled=False)
    context.set_default_timeout(10_000)
    yield Visit(context, site, script=False)
    context.close()


def test_one_asks_another_confirms_and_only_the_stone_is_left(staff_visit, staff, second_visit):
    submission = make_submission()

    page = sign_in(staff_visit)
    page.get_by_role("link", name=submission.reference).click()
    page.get_by_role("link", name="Erasure and legal hold").click()
    page.get_by_label("Why it is to be erased").select_option("The person asked for it")
    page.get_by_role("button", name="Ask for the erasure").click()
    expect(page.get_by_text("You asked for it, so somebody else has to confirm it.")).to_be_visible()
    expect(page.get_by_role("button", name="Confirm")).to_have_count(0)

    other = sign_in(second_visit, "second@example.org", "/admin/")
    other.get_by_role("link", name=submission.reference).click()
    other.get_by_role("button", name="Confirm: erase it now, for good").click()
    expect(other.get_by_text("It cannot be brought back.")).to_be_visible()

    page.goto(staff_visit.site + submission.get_absolute_url())
    expect(page.get_by_text("This submission was erased.")).to_be_visible()
    expect(page.get_by_text("marta@example.org")).to_have_count(0)


@pytest.mark.parametrize("viewport", [DESK, TABLET, PHONE], ids=["desk", "tablet", "phone"])
def test_the_pages_of_an_ending_fit_and_pass_axe(staff_visit, staff, viewport):
    asked, held, gone = make_submission(), make_submission(), make_submission()
    asked.ask_erasure("erasure-by-person", by=staff)
    held.hold("hold-authority", by=staff)
    gone.ask_erasure("erasure-by-representative", by=staff)
    gone.confirm_erasure(by=make_user(email="second@example.org"))
    staff_visit.page.set_viewport_size(viewport)

    page = sign_in(staff_visit, path="/admin/")
    erasures = "/admin/intake/submission/erasures/"
    endings = [f"/admin/intake/submission/{submission.pk}/erasure/" for submission in (asked, held, gone)]
    for path in ("/admin/", erasures, *endings, held.get_absolute_url(), gone.get_absolute_url()):
        page = staff_visit.open(path)
        assert staff_visit.axe() == [], path
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), path


def test_the_file_for_a_person_opens_from_a_disk_and_runs_nothing(staff_visit, staff, browser, tmp_path):
    submission = make_screening(phq9=[1] * 9, person={"name": "<script>document.title = 'it ran'</script>"})

    page = sign_in(staff_visit)
    page.get_by_role("link", name=submission.reference).click()
    page.get_by_text("Print or export").click()
    with page.expect_download() as started:
        page.get_by_role("button", name="Everything about this person (zip)").click()
    started.value.save_as(tmp_path / "file.zip")
    ZipFile(tmp_path / "file.zip").extractall(tmp_path)

    context = browser.new_context()
    asked: list[str] = []
    document = context.new_page()
    document.on("request", lambda request: asked.append(request.url))
    document.goto((tmp_path / "print.html").as_uri())
    expect(document).to_have_title(f"Everything about {submission.reference}")
    expect(document.get_by_text("Little interest or pleasure in doing things")).to_be_visible()
    assert asked == [(tmp_path / "print.html").as_uri()]
    context.close()
