"""Changes the permission table by one permission at a time and asks whether the walk over the staff site notices.

mutmut changes code in functions; the table of clinic/roles.py is data. Run by `make mutants`, not by `make test`: each
change opens the addresses of the staff site once more. NOTICED_ELSEWHERE are those that no address alone can tell.
"""

import pytest
from django.contrib.auth.models import Group, Permission
from django.urls import reverse

from clinic.roles import ROLES
from tests.clinic.test_roles import EVERY_STAFF_PAGE, OPEN_TO, arguments, user_of  # noqa: F401

EVERYTHING = sorted(frozenset().union(*ROLES.values()))
NOTICED_ELSEWHERE: dict[str, set[str]] = {role: set() for role in ROLES}


@pytest.mark.parametrize("role", sorted(ROLES))
def test_a_table_that_is_wrong_in_one_place_is_noticed(client, user_of, arguments, role):  # noqa: F811
    client.force_login(user_of(role))
    names = sorted(set(OPEN_TO) - EVERY_STAFF_PAGE)
    walk = {name: reverse(f"admin:{name}", args=arguments(name)) for name in names}
    permissions = Group.objects.get(name=role).permissions

    def is_noticed() -> bool:
        return any((client.get(walk[name]).status_code != 403) != (role in OPEN_TO[name]) for name in names)

    assert not is_noticed()
    survivors = set()
    for name in EVERYTHING:
        app, codename = name.split(".")
        permission = Permission.objects.get(content_type__app_label=app, codename=codename)
        change, undo = permissions.add, permissions.remove
        if name in ROLES[role]:
            change, undo = undo, change
        change(permission)
        if not is_noticed():
            survivors.add(("-" if name in ROLES[role] else "+") + name)
        undo(permission)

    assert survivors == NOTICED_ELSEWHERE[role], sorted(survivors)
