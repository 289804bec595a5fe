import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from intake.management.commands.load_questionnaires import FOLDER
from intake.models import Packet, Questionnaire

pytestmark = pytest.mark.django_db


@pytest.fixture
def gad7(tmp_path):
    """A copy of the GAD-7 file, changed as asked; returns its path."""

    def write(**changes):
        path = tmp_path / "form.json"
        path.write_text(json.dumps(json.loads((FOLDER / "gad-7.json").read_text()) | changes))
        return path

    return write


def imported(path, **options) -> str:
    out = StringIO()
    call_command("import_questionnaire", path, stdout=out, **options)
    return out.getvalue()


def test_a_form_is_stored_as_a_draft_until_it_is_activated(gad7):
    path = gad7()

    imported(path)
    assert Questionnaire.objects.get().status == "draft"
    imported(path, activate=True)

    assert Questionnaire.objects.get().status == "active"


def test_a_new_version_takes_the_place_of_the_old_one_in_the_packet(packet, gad7):
    imported(gad7(version="1.1.0"), activate=True)

    versions = dict(Questionnaire.objects.filter(url__endswith="/gad-7").values_list("version", "status"))
    assert versions == {"1.0.0": "retired", "1.1.0": "active"}
    assert "1.1.0" in [form.version for form in Packet.objects.current().forms()]


def test_a_changed_file_with_the_version_of_an_active_form_is_refused(packet, gad7):
    with pytest.raises(CommandError, match="give the changed form a new version"):
        imported(gad7(title="Another title"))

    assert Questionnaire.objects.get(url__endswith="/gad-7").title != "Another title"


@pytest.mark.parametrize("content", [b"{", b"\xff\xfe", b'{"a": 1, "a": 2}', b" " * 600_000])
def test_a_broken_file_is_refused_in_words_and_nothing_is_stored(tmp_path, content):
    path = tmp_path / "broken.json"
    path.write_bytes(content)

    with pytest.raises(CommandError):
        imported(path)

    assert Questionnaire.objects.count() == 0
