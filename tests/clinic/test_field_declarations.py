"""Encrypted fields as code declares them: what a migration writes down, and what is refused before any row is there."""

import pytest
from django.db import models
from django.db.models import F

from clinic.fields import EncryptedTextField
from tests.clinic.test_fields import Person


@pytest.mark.parametrize("value", [b"bytes", 9, ["list"], F("email")])
def test_a_text_field_takes_text_only(value):
    with pytest.raises(TypeError, match=r"Person\.name takes str, not "):
        Person(name=value)


@pytest.mark.parametrize("name", ["name", "email", "email_index", "answers"])
def test_a_migration_can_write_the_field_down(name):
    field = Person._meta.get_field(name)
    _, path, args, kwargs = field.deconstruct()

    assert path == f"clinic.fields.{type(field).__name__}"
    assert type(field)(*args, **kwargs).deconstruct()[1:] == (path, args, kwargs)


def test_a_model_whose_rows_have_no_uuid_is_refused_by_a_check():
    class Numbered(models.Model):  # noqa: DJ008
        name = EncryptedTextField()

        class Meta:
            app_label = "fields_under_test"
            ordering = ("-name",)

    assert [error.id for error in Numbered.check()] == ["clinic.E010", "clinic.E011"]
    assert Person.check() == []
