import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from tests.intake.fhir.build import coding, form, question, score, scored, total


def check(path) -> tuple[int, list[str]]:
    """Exit status and lines of check_questionnaire."""
    out = StringIO()
    try:
        call_command("check_questionnaire", str(path), stdout=out)
    except SystemExit as ended:
        return ended.code, out.getvalue().splitlines()
    return 0, out.getvalue().splitlines()


def saved(folder, name: str, resource: dict) -> str:
    path = folder / name
    path.write_text(json.dumps(resource))
    return str(path)


def test_a_sound_file_is_fine_in_one_line(tmp_path):
    path = saved(tmp_path, "form.json", form())

    assert check(path) == (
        0,
        ["https://clinic.example/fhir/Questionnaire/test|1.0.0 is fine: 1 items; languages: en; warnings: none"],
    )


def test_each_fault_is_a_line(tmp_path):
    path = saved(tmp_path, "form.json", form(question("a", "mood", required=1)))

    status, lines = check(path)
    assert status == 1
    assert [line.split(": ")[:2] for line in lines] == [["a", "type"], ["a", "required"]]


@pytest.mark.parametrize("content", [b"\x89PNG\r\n\x1a\n\x00\xff", b"", b"[" * 100_000, b" " * 600_000])
def test_a_file_of_anything_else_is_one_line(tmp_path, content):
    path = tmp_path / "file"
    path.write_bytes(content)

    status, lines = check(path)
    assert (status, len(lines)) == (1, 1)


def test_a_missing_file_and_a_folder_are_one_line(tmp_path):
    assert check(tmp_path) == (1, ["-: file: is not an ordinary file"])
    assert check(tmp_path / "no") == (1, ["-: file: cannot be read: No such file or directory"])


def test_evaluate_prints_what_a_response_amounts_to(tmp_path):
    definition = form(scored("s", 0, 2), total(), extension=[score("total", "s")])
    answer = {"linkId": "s", "answer": [{"valueCoding": coding("c1").resource()}]}
    sent = {
        "resourceType": "QuestionnaireResponse",
        "questionnaire": "https://clinic.example/fhir/Questionnaire/test|1.0.0",
        "status": "completed",
        "item": [answer],
    }
    out = StringIO()

    call_command("evaluate", saved(tmp_path, "q.json", definition), saved(tmp_path, "r.json", sent), stdout=out)

    assert json.loads(out.getvalue()) == {
        "enabled": ["s", "total"],
        "errors": [],
        "scores": {"total": 2},
        "alerts": [],
    }


@pytest.mark.parametrize("content", ["{", "[]", '{"a":NaN}', '{"a":"\\ud800"}', "[" * 20_000])
def test_evaluate_refuses_a_hostile_response_in_words(tmp_path, content):
    path = tmp_path / "r.json"
    path.write_text(content)

    with pytest.raises(CommandError) as refused:
        call_command("evaluate", saved(tmp_path, "q.json", form()), str(path))

    assert len(str(refused.value).splitlines()) == 1
