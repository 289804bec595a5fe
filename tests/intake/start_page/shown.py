"""What the start page of the review desk shows, and to whom."""

import re

from django.contrib.auth.models import Group

from tests.factories import make_user

START = "/admin/"


def sign_in(client, role, **fields):
    user = make_user(email=f"{role.split()[0].lower()}@example.org", **fields)
    user.groups.add(Group.objects.get(name=role))
    client.force_login(user)
    return user


def texts(client, selector):
    """The text of each element with this class on the start page."""
    page = client.get(START).content.decode()
    found = re.findall(rf'<(\w+) class="[^"]*\b{selector}\b[^"]*"[^>]*>(.*?)</\1>', page, re.DOTALL)
    return [" ".join(re.sub(r"<[^>]+>", " ", inner).split()) for _tag, inner in found]


def section(client, name):
    """The words of the section with this id's title."""
    page = client.get(START).content.decode()
    found = re.search(rf'<section[^>]*aria-labelledby="{name}-title">(.*?)</section>', page, re.DOTALL)
    return " ".join(re.sub(r"<[^>]+>|&nbsp;", " ", found[1]).split()) if found else None
