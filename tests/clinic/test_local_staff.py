import stat

import pytest
from django.contrib.auth import authenticate
from django.core.management import CommandError, call_command

from clinic.models import User


@pytest.fixture
def password_file(tmp_path):
    return tmp_path / "staff-password"


def test_a_trial_gets_a_staff_account_whose_password_only_its_owner_reads(db, password_file, capsys):
    call_command("ensure_local_staff", password_file=password_file)
    password = password_file.read_text().strip()

    staff = authenticate(email="staff@localhost.example", password=password)
    assert (staff.is_staff, staff.is_superuser) == (True, True)
    assert len(password) >= 24
    assert stat.S_IMODE(password_file.stat().st_mode) == 0o600
    captured = capsys.readouterr()
    assert (captured.out, captured.err) == ("staff@localhost.example\n", "")


def test_the_password_stays_the_same_at_the_next_start(db, password_file):
    call_command("ensure_local_staff", password_file=password_file)
    before = (password_file.read_text(), User.objects.values().get())
    call_command("ensure_local_staff", password_file=password_file)

    assert (password_file.read_text(), User.objects.values().get()) == before


def test_a_lost_password_file_gives_the_account_a_new_password(db, password_file):
    call_command("ensure_local_staff", password_file=password_file)
    old = password_file.read_text().strip()
    password_file.unlink()
    call_command("ensure_local_staff", password_file=password_file)

    assert authenticate(email="staff@localhost.example", password=old) is None
    assert authenticate(email="staff@localhost.example", password=password_file.read_text().strip())


def test_a_new_database_takes_the_password_that_the_file_keeps(db, password_file):
    password_file.write_text("kept from the last time\n")
    call_command("ensure_local_staff", password_file=password_file)

    assert authenticate(email="staff@localhost.example", password="kept from the last time")


def test_it_refuses_outside_local_mode(db, password_file, settings):
    settings.LOCAL = False
    with pytest.raises(CommandError, match="local mode only"):
        call_command("ensure_local_staff", password_file=password_file)

    assert (User.objects.count(), password_file.exists()) == (0, False)
