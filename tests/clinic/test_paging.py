"""A list is counted a few pages ahead of the one that is looked at, and no further."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from clinic.models import Message
from clinic.paging import NearPaginator
from tests.factories import make_user

LIST = "/admin/clinic/message/"
PER_PAGE = 100
AHEAD = NearPaginator.AHEAD * PER_PAGE


@pytest.fixture
def staff(client, db):
    client.force_login(make_user(is_superuser=True))
    return client


def make_messages(number):
    Message.objects.bulk_create(Message(template="reply") for _ in range(number))


def told(response):
    """What stands below the list, without the numbers of the pages in between."""
    found = re.search(r'<p class="paginator">(.*?)</p>', response.text, re.DOTALL)
    return " ".join(re.sub(r"<[^>]+>", " ", found[1]).split())


def test_a_list_that_is_counted_to_its_end_tells_the_number(staff):
    make_messages(3)
    assert told(staff.get(LIST)) == "3 messages"

    make_messages(PER_PAGE + AHEAD - 3)
    assert told(staff.get(LIST)) == f"1 2 3 4 … 10 11 {PER_PAGE + AHEAD} messages"


def test_a_longer_one_tells_that_it_goes_on_and_every_page_of_it_can_be_reached(staff):
    make_messages(2 * AHEAD)

    first = staff.get(LIST)
    named = staff.get(LIST, {"p": NearPaginator.AHEAD + 1})

    assert told(first) == f"1 2 3 4 … 10 11 … More than {PER_PAGE + AHEAD} messages"
    assert named.context["cl"].result_count == 2 * AHEAD
    assert told(named).endswith(f"20 {2 * AHEAD} messages")
    assert len(staff.get(LIST, {"p": 2 * NearPaginator.AHEAD}).context["cl"].result_list) == PER_PAGE


def test_no_row_after_the_bound_is_counted(staff):
    make_messages(1)

    with CaptureQueriesContext(connection) as queries:
        staff.get(LIST)

    (counting,) = [query["sql"] for query in queries if "COUNT(" in query["sql"] and "LIMIT" in query["sql"]]
    assert f"LIMIT {PER_PAGE + AHEAD + 1}) subquery" in counting


@pytest.mark.parametrize("page", ["0", "-1", "99", "9" * 6, "9" * 30, "x", "٣"])
def test_a_page_that_there_is_not_leads_back_to_the_list(staff, page):
    make_messages(1)

    response = staff.get(LIST, {"p": page})

    assert response.status_code in (200, 302)
    assert response.status_code == 200 or response["Location"].startswith(LIST)
