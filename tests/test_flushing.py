import pytest
from django.contrib.auth.models import Group
from django.test import TransactionTestCase

from clinic.models import ClinicProfile, CrisisLine
from intake.models import ConsentText
from tests.factories import make_submission, make_user
from tests.flushing import filled, quick_flush
from tests.stock import rows, stock

pytestmark = pytest.mark.django_db(transaction=True)


def held() -> dict[str, list[str]]:
    return {table: sorted(rows(table).splitlines()) for table in filled()}


def test_a_test_that_commits_leaves_what_it_found():
    found = held()
    stock("load_pages", "load_questionnaires")
    make_submission()
    make_user("intake.view_submission")
    Group.objects.all()[0].permissions.clear()
    CrisisLine.objects.all().delete()
    ClinicProfile.objects.update(name="Another clinic")

    quick_flush(TransactionTestCase())

    assert held() == found
    assert all(model.objects.exists() for model in (ClinicProfile, CrisisLine, ConsentText, Group))
