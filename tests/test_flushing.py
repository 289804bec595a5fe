import pytest
from django.contrib.auth.models import Group
from django.contrib.contenttypes.models import ContentType
from django.core.management import call_command
from django.test import TransactionTestCase

from tests.factories import make_submission, make_user
from tests.flushing import filled, quick_flush
from tests.stock import put_start_values, rows, stock

pytestmark = pytest.mark.django_db(transaction=True)


def left() -> tuple[dict[str, int], dict[str, set[str]]]:
    """How many rows are in which tables, and who may do what: all but the ids."""
    may = {group.name: set(group.permissions.values_list("codename", flat=True)) for group in Group.objects.all()}
    return {table: rows(table).count("\n") for table in filled()}, may


def test_a_quick_flush_leaves_what_djangos_own_leaves(start_values):
    quick_flush(TransactionTestCase())  # the first of a process is Django's own
    put_start_values()
    stock("load_pages", "load_questionnaires")
    make_submission()
    make_user("intake.view_submission")
    Group.objects.all()[0].permissions.clear()

    quick_flush(TransactionTestCase())

    quick = left()
    call_command("flush", interactive=False, verbosity=0)
    assert quick == left()
    ContentType.objects.clear_cache()  # the next flush brings back those of the first
