"""How networks are counted, and what several windows allow together."""

from datetime import timedelta

import pytest
from django.test import RequestFactory

from clinic.allowances import DAY, HOUR, Pause, allowance
from clinic.networks import network_of
from tests.allowances import let_time_pass

FEW = allowance("trying", (2, HOUR), (3, DAY))


def network(address: str) -> str:
    return network_of(RequestFactory(REMOTE_ADDR=address).get("/"))


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("203.0.113.9", "203.0.113.9", True),
        ("203.0.113.9", "203.0.113.10", False),
        ("203.0.113.9", "::ffff:203.0.113.9", True),
        ("::ffff:203.0.113.9", "::ffff:198.51.100.1", False),
        ("2001:db8:1:100::1", "2001:db8:1:1ff:8000::2", True),
        ("2001:db8:1:100::1", "2001:db8:1:200::1", False),
        ("fe80::1%eth0", "fe80::2", True),
        ("", "unix:", True),
    ],
)
def test_an_ipv4_address_counts_for_itself_and_a_household_s_ipv6_addresses_together(one, other, same):
    assert (network(one) == network(other)) is same


def test_a_burst_is_allowed_then_what_is_left_of_the_day(db):
    waits = [FEW.take("a") for _ in range(4)]
    let_time_pass(hours=1)
    waits += [FEW.take("a"), FEW.take("a")]

    assert [bool(wait) for wait in waits] == [False, False, True, True, False, True]
    assert timedelta() < waits[2] <= HOUR
    assert HOUR < waits[5] < DAY


def test_what_one_uses_up_is_not_missing_to_another(db):
    for _ in range(3):
        FEW.take("a")

    assert not FEW.take("b")


@pytest.mark.parametrize(
    ("wait", "minutes", "hours"),
    [
        (timedelta(seconds=0.2), 1, 0),
        (timedelta(seconds=61), 2, 0),
        (timedelta(minutes=90), 90, 0),
        (timedelta(minutes=91), 91, 2),
        (timedelta(hours=23, minutes=1), 1381, 24),
    ],
)
def test_a_wait_is_told_in_minutes_or_hours_and_never_too_short(wait, minutes, hours):
    assert (Pause(wait).minutes, Pause(wait).hours) == (minutes, hours)
