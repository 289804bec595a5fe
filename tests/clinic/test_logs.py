import json
import logging
import logging.config
import subprocess
import sys
import traceback

import pytest
from django.conf import settings as project_settings
from django.test import Client

from clinic.logs import JsonFormatter
from clinic.middleware import BrokeOff

MARKER = "MARTAQUILL"

pytestmark = pytest.mark.urls("tests.clinic.failing_urls")


def line_of(logger: str, message: object, *args: object, **more: object) -> dict[str, object]:
    record = logging.getLogger(logger).makeRecord(
        logger, logging.INFO, "file.py", 1, message, args, more.pop("exc_info", None), extra=more
    )
    return json.loads(JsonFormatter().format(record))


def test_a_line_holds_the_template_and_never_its_arguments():
    line = line_of("clinic.outbox", "Sent %s to %s", MARKER, MARKER, record="7b0c")

    assert line.pop("time").endswith("+00:00")
    assert line == {"level": "INFO", "logger": "clinic.outbox", "message": "Sent %s to %s", "record": "7b0c"}


@pytest.mark.parametrize(
    ("logger", "message", "args"),
    [
        ("granian", f"got {MARKER}", ()),
        ("granian", "got %s", (MARKER,)),
        ("py.warnings", MARKER, ()),
        ("django.security.DisallowedHost", f"Invalid HTTP_HOST header: {MARKER}", ()),
        ("clinic.outbox", ValueError(MARKER), ()),
        ("clinicians", MARKER, ()),
    ],
)
def test_a_message_that_may_hold_anything_is_left_out(logger, message, args):
    assert set(line_of(logger, message, *args)) == {"time", "level", "logger"}


def test_an_extra_key_that_is_not_on_the_list_is_left_out():
    assert MARKER not in json.dumps(line_of("clinic", "Saved.", patient=MARKER, path=MARKER, status=MARKER))


def test_an_exception_is_its_class_its_cause_and_the_places_it_passed():
    def inner():
        raise KeyError(MARKER)

    try:
        try:
            inner()
        except KeyError as cause:
            raise ValueError(MARKER) from cause
    except ValueError as error:
        line = line_of("clinic", "It failed.", exc_info=(type(error), error, error.__traceback__))

    [place] = line["trace"]
    assert (line["exception"], line["cause"]) == ("builtins.ValueError", "builtins.KeyError")
    assert place.startswith("tests/clinic/test_logs.py:")
    assert place.endswith(" test_an_exception_is_its_class_its_cause_and_the_places_it_passed")
    assert MARKER not in json.dumps(line)


@pytest.mark.parametrize(
    ("path", "status"),
    [("broken", 500), ("suspicious", 400), ("missing", 404)],
)
def test_a_failing_request_is_logged_without_anything_it_held(db, log_lines, path, status):
    client = Client(raise_request_exception=False, headers={"user-agent": MARKER, "referer": f"http://x/{MARKER}"})
    response = client.post(f"/{path}/{MARKER}?q={MARKER}", {"name": MARKER, "message": MARKER})

    lines = [json.loads(line) for line in log_lines()]
    logged = [line for line in lines if line.get("status") == status]
    assert response.status_code == status
    assert [(line["request_id"], line["method"]) for line in logged] == [(response["X-Request-ID"], "POST")]
    assert [line for line in log_lines() if MARKER in line or "planted" in line] == []
    assert MARKER not in response.text


def test_the_marker_would_have_been_found_in_ordinary_logs(db, caplog):
    Client(raise_request_exception=False).post(f"/broken/{MARKER}", {"name": MARKER})

    assert MARKER in caplog.text


def test_a_refused_host_is_logged_without_its_name(db, log_lines):
    response = Client(headers={"host": f"{MARKER.lower()}.example"}).get("/echo/")

    assert response.status_code == 400
    assert any("DisallowedHost" in line for line in log_lines())
    assert [line for line in log_lines() if MARKER.lower() in line] == []


def test_a_lost_database_is_logged_by_class_and_place(db, log_lines):
    response = Client().get("/database-away/?error=operational")

    [line] = [json.loads(line) for line in log_lines() if "exception" in line]
    assert (line["message"], line["exception"]) == (
        "The database did not answer.",
        "django.db.utils.OperationalError",
    )
    assert line["trace"][-1].endswith(" database_away")
    assert line["request_id"] == response["X-Request-ID"]
    assert "planted" not in json.dumps(line)


def test_the_project_logs_through_the_formatter_and_through_nothing_else():
    config = project_settings.LOGGING

    assert {
        name for name, formatter in config["formatters"].items() if formatter["()"] == "clinic.logs.JsonFormatter"
    } == set(config["formatters"])
    assert [handler["formatter"] for handler in config["handlers"].values()] == ["json"]
    assert {name: logger["handlers"] for name, logger in config["loggers"].items()} == {
        "django": [],
        "django.server": [],
        "_granian": [],
        "granian.access": [],
    }


def test_what_ends_an_answer_is_in_our_log_and_not_in_the_server_s(db, log_lines):
    response = Client().post("/broken-stream/", {"name": MARKER})

    with pytest.raises(BrokeOff) as raised:
        response.getvalue()

    [line] = [json.loads(line) for line in log_lines() if "exception" in line]
    assert (line["message"], line["exception"]) == (
        "An answer broke off while it was sent.",
        "builtins.ValueError",
    )
    assert line["request_id"] == response["X-Request-ID"]
    assert MARKER not in json.dumps(line)
    assert MARKER not in "".join(traceback.format_exception(raised.value))


ENDINGS = f"""
import gc, logging, threading, warnings
from clinic import logs

class Dying:
    def __del__(self):
        raise KeyError("{MARKER}")

def fail():
    raise OSError("{MARKER}")

handler = logging.StreamHandler()
handler.setFormatter(logs.JsonFormatter())
logging.getLogger().addHandler(handler)
if TAKES_OVER:
    logs.take_over()
warnings.warn("{MARKER}", UserWarning)
thread = threading.Thread(target=fail)
thread.start()
thread.join()
Dying()
logging.getLogger("clinic").error("Cannot be a line.", "{MARKER}", extra={{"record": object()}})
raise ValueError("{MARKER}") from TypeError("{MARKER}")
"""


def ending(*, takes_over):
    code = ENDINGS.replace("TAKES_OVER", str(takes_over))
    command = [sys.executable, "-c", code]
    return subprocess.run(command, cwd=project_settings.BASE_DIR, capture_output=True, text=True).stderr


def test_what_python_itself_would_print_in_full_comes_out_as_lines_of_the_log():
    lines = [json.loads(line) for line in ending(takes_over=True).splitlines()]

    assert [(line["level"], line["exception"], line.get("cause")) for line in lines] == [
        ("WARNING", "builtins.UserWarning", None),
        ("ERROR", "builtins.OSError", None),
        ("ERROR", "builtins.KeyError", None),
        ("CRITICAL", "builtins.ValueError", "builtins.TypeError"),
    ]
    assert [line["trace"][-1] for line in lines] == [
        "<string>:17",
        "<string>:10 fail",
        "<string>:7 __del__",
        "<string>:23 <module>",
    ]
    assert MARKER not in json.dumps(lines)
    assert ending(takes_over=False).count(MARKER) >= 6  # each of them would have shown it


def test_what_the_server_says_of_itself_is_a_line_of_the_log():
    config = json.loads((project_settings.BASE_DIR / "clinic" / "granian.json").read_text())
    formatter = JsonFormatter(config["formatters"]["json"]["trusted"])
    record = logging.getLogger("_granian").makeRecord("_granian", logging.INFO, "", 1, "Started worker-1", (), None)

    assert json.loads(formatter.format(record))["message"] == "Started worker-1"
    assert {logger["handlers"][0] for logger in config["loggers"].values()} == {"stderr"}
