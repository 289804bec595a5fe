"""What leaves the review desk, in a real browser: downloads, and paper with its page numbers."""

import csv
import json
from pathlib import Path
from zipfile import ZipFile

import pytest
from playwright.sync_api import Page, expect
from pypdf import PdfReader

from tests.browser.conftest import PHONE, Visit, sign_in
from tests.factories import make_screening, make_submission

pytestmark = pytest.mark.django_db(transaction=True)


def print_view(page: Page, reference: str) -> None:
    page.get_by_role("link", name=reference).click()
    page.get_by_text("Print or export").click()
    page.get_by_label("Reason").select_option("For the medical record")
    page.get_by_role("button", name="Print view").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(reference)


def download(page: Page, button: str, folder: Path) -> Path:
    with page.expect_download() as started:
        page.get_by_role("button", name=button).click()
    started.value.save_as(folder / started.value.suggested_filename)
    return folder / started.value.suggested_filename


def test_every_page_on_paper_carries_the_reference_and_its_number(staff_visit, staff, tmp_path):
    submission = make_screening(phq9=[3] * 9, gad7=[2] * 7)

    page = sign_in(staff_visit)
    print_view(page, submission.reference)
    expect(page.get_by_role("heading", level=1)).to_have_text(f"Screening {submission.reference}")
    page.pdf(path=tmp_path / "chart.pdf")

    texts = [one.extract_text() for one in PdfReader(tmp_path / "chart.pdf").pages]
    assert len(texts) > 1
    for number, text in enumerate(texts, start=1):
        assert f"Page {number} of {len(texts)}" in text
        assert submission.reference in text
    assert "Park Slope Ketamine" in texts[0]
    assert "Back to the submission" not in "".join(texts)


def test_the_button_of_the_print_view_opens_the_print_dialogue(staff_visit, staff):
    submission = make_submission()
    staff_visit.page.add_init_script("window.print = () => { document.title = 'the dialogue' }")

    page = sign_in(staff_visit)
    print_view(page, submission.reference)
    page.get_by_role("button", name="Print, or save as PDF").click()

    expect(page).to_have_title("the dialogue")
    page.get_by_role("link", name="Back to the submission").click()
    expect(page.get_by_text("Printed: answers (For the medical record)")).to_be_visible()


def test_the_list_and_a_submission_are_downloaded(staff_visit, staff, tmp_path):
    submission, contact = make_screening(phq9=[3] * 9), make_submission(name="Zoë Ø")

    page = sign_in(staff_visit)
    page.get_by_role("link", name="Export this list").click()
    expect(page.get_by_text("2 submissions")).to_be_visible()
    page.get_by_label("Reason").select_option("For quality review")
    table = download(page, "CSV", tmp_path)
    archive = download(page, "FHIR transactions (zip)", tmp_path)
    staff_visit.open(submission.get_absolute_url())
    page.get_by_text("Print or export").click()
    page.get_by_label("Reason").select_option("At the person's request")
    bundle = download(page, "FHIR collection", tmp_path)

    with table.open(encoding="utf-8-sig", newline="") as opened:
        rows = list(csv.DictReader(opened))
    assert {row["Name"] for row in rows} == {"Marta Quill", "Zoë Ø"}
    assert ZipFile(archive).testzip() is None
    assert set(ZipFile(archive).namelist()) == {f"{submission.reference}.json", f"{contact.reference}.json"}
    assert (bundle.name, json.loads(bundle.read_text())["type"]) == (f"{submission.reference}.json", "collection")


def test_axe_finds_nothing_on_what_leaves_nor_on_the_way_to_it(staff_visit: Visit, staff):
    submission = make_screening(phq9=[0] * 8 + [1], gad7=[None] + [1] * 6)
    found = {}

    page = sign_in(staff_visit)
    for path in ("export/", "export/?show=closed", f"{submission.pk}/export/"):
        staff_visit.open(f"/admin/intake/submission/{path}")
        found[path] = staff_visit.axe()
    page.get_by_role("button", name="Print view").click()
    expect(page.get_by_text("Choose a reason")).to_be_visible()
    found["without a reason"] = staff_visit.axe()
    staff_visit.open("/admin/intake/submission/")
    print_view(page, submission.reference)
    found["print view"] = staff_visit.axe()
    page.set_viewport_size(PHONE)
    found["print view on a phone"] = staff_visit.axe()
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]

    assert {path: faults for path, faults in found.items() if faults} == {}
