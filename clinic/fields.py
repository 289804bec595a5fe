"""Model fields whose column holds only ciphertext, and the index that finds such a value by its exact text.

A model that uses them has a UUID primary key, made in Python and declared first, because the row's id is part of
what a value is encrypted with. Reading is lazy: a value is decrypted when its attribute is first read, and an
attribute that cannot be decrypted raises crypto.UnreadableValue at that moment, and only then.
"""

import json
from collections.abc import Callable
from decimal import Decimal
from typing import TYPE_CHECKING, Any, NoReturn

from django.core import checks
from django.core.exceptions import FieldError
from django.db import models
from django.db.models import signals
from django.db.models.lookups import In
from django.db.models.query_utils import DeferredAttribute

from clinic import crypto

if TYPE_CHECKING:
    _TextField = models.Field[str, str]
    _AnyField = models.Field[Any, Any]
    _BytesField = models.Field[bytes | None, bytes | None]
else:
    _TextField = _AnyField = _BytesField = models.Field


class Ciphertext:
    """A value as the database holds it: what values() and values_list() give."""

    __slots__ = ("token",)

    def __init__(self, token: bytes) -> None:
        self.token = token

    def __repr__(self) -> str:
        return "<Ciphertext>"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Ciphertext) and self.token == other.token

    def __hash__(self) -> int:
        return hash(self.token)


class _Cell:
    """What an instance holds of one value. `text` is None until it is read, `token` until it is encrypted."""

    __slots__ = ("pk", "text", "token", "value")

    def __init__(self, *, token: bytes | None = None, pk: Any = None, value: Any = None) -> None:
        self.token, self.pk, self.value = token, pk, value
        self.text: str | None = None

    @property
    def is_unread(self) -> bool:
        return self.token is not None and self.text is None


class EncryptedAttribute(DeferredAttribute):
    """Keeps a _Cell in the instance, opens it when it is read, fetches it when it was deferred."""

    field: "EncryptedField"

    def __get__(self, instance: Any, cls: Any = None) -> Any:
        if instance is None:
            return self
        cell = self.field.cell_of(instance)
        return None if cell is None else self.field.open(cell, instance)

    def __set__(self, instance: Any, value: Any) -> None:
        cell: _Cell | None
        if value is None:
            cell = None
        elif isinstance(value, Ciphertext):
            cell = _Cell(token=value.token, pk=instance.__dict__.get(instance._meta.pk.attname))
        else:
            self.field.check_type(value)
            cell = _Cell(value=value)
        instance.__dict__[self.field.attname] = cell


class EncryptedField(_AnyField):
    """What the text and the JSON field share. An empty text is stored as an empty column, unencrypted."""

    descriptor_class = EncryptedAttribute

    def dumps(self, value: Any) -> str:
        raise NotImplementedError

    def loads(self, text: str) -> Any:
        raise NotImplementedError

    def check_type(self, value: Any) -> None:
        """Raises TypeError when an instance may not hold `value` in this field."""

    def cell_of(self, instance: models.Model) -> _Cell | None:
        """Return what the instance holds; fetches it when it was deferred."""
        if self.attname not in instance.__dict__:
            rows = type(instance)._base_manager.using(instance._state.db).filter(pk=instance.pk)
            setattr(instance, self.attname, rows.values_list(self.attname, flat=True).get())
        cell: _Cell | None = instance.__dict__[self.attname]
        return cell

    def open(self, cell: _Cell, instance: models.Model) -> Any:
        """Return the cell's value; decrypts it the first time. Raises crypto.UnreadableValue."""
        if cell.token is not None and cell.text is None:
            cell.pk = instance.pk if cell.pk is None else cell.pk
            cell.text = self._text(cell.token, cell.pk)
            cell.value = self.loads(cell.text)
        return cell.value

    def opened(self, value: Ciphertext, pk: Any) -> Any:
        """Return what a value that values_list() gave of the row `pk` stands for. Raises crypto.UnreadableValue."""
        return self.loads(self._text(value.token, pk))

    def _text(self, token: bytes, pk: Any) -> str:
        return crypto.decrypt(token, self.context_of(pk)) if token else ""

    def pre_save(self, model_instance: models.Model, add: bool) -> Ciphertext | None:
        cell = self.cell_of(model_instance)
        if cell is None:
            return None
        same_row = cell.pk == model_instance.pk or cell.pk is None
        if cell.is_unread and same_row and not add:
            return Ciphertext(cell.token or b"")
        text = self.dumps(self.open(cell, model_instance))
        if text != cell.text or not same_row:
            cell.token = crypto.encrypt(text, self.context_of(model_instance.pk)) if text else b""
            cell.text, cell.pk = text, model_instance.pk
        return Ciphertext(cell.token or b"")

    def context_of(self, pk: Any) -> str:
        """Return what a value of this column is bound to in the row `pk`."""
        if pk is None:
            raise ValueError(f"{self} needs the row's primary key before it can encrypt or decrypt")
        return f"{self.model._meta.db_table}.{self.column}:{self.model._meta.pk.to_python(pk)}"

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> Ciphertext | None:
        return None if value is None else Ciphertext(bytes(value))

    def get_internal_type(self) -> str:
        return "BinaryField"

    def get_db_prep_save(self, value: Any, connection: Any) -> Any:
        if hasattr(value, "as_sql"):
            self._refuse_query_value()
        return self.get_db_prep_value(value, connection)

    def get_db_prep_value(self, value: Any, connection: Any, prepared: bool = False) -> Any:
        if isinstance(value, Ciphertext):
            return connection.Database.Binary(value.token)
        if value is not None:
            self._refuse_query_value()
        return None

    def _refuse_query_value(self) -> NoReturn:
        raise TypeError(f"{self} is encrypted: set the attribute of an instance and save that.")

    def get_lookup(self, lookup_name: str) -> Any:
        if lookup_name != "isnull":
            raise FieldError(f"{self} is encrypted: filter by isnull, or by a BlindIndexField of it.")
        return super().get_lookup(lookup_name)

    def value_to_string(self, obj: models.Model) -> NoReturn:
        raise TypeError(f"{self} is encrypted and would be plain in a fixture. Use pg_dump.")

    def check(self, **kwargs: Any) -> list[checks.CheckMessage]:
        return [
            *super().check(**kwargs),
            *self._check_primary_key(),
            *self._check_ordering(),
        ]

    def _check_primary_key(self) -> list[checks.CheckMessage]:
        first = self.model._meta.concrete_fields[0]
        if isinstance(first, models.UUIDField) and first.primary_key:
            return []
        hint = "Declare it first: id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)"
        message = "An encrypted field needs a UUID primary key, declared before every other field."
        return [checks.Error(message, hint=hint, obj=self, id="clinic.E010")]

    def _check_ordering(self) -> list[checks.CheckMessage]:
        if {self.name, f"-{self.name}"}.isdisjoint(map(str, self.model._meta.ordering or ())):
            return []
        return [
            checks.Error(
                "Meta.ordering names an encrypted field, whose order means nothing.",
                obj=self,
                id="clinic.E011",
            )
        ]


class EncryptedTextField(EncryptedField, _TextField):
    """Text of any length. QuerySet.update takes only "" and None; every other change goes through save()."""

    _pyi_private_set_type: str
    _pyi_private_get_type: str

    def check_type(self, value: Any) -> None:
        if not isinstance(value, str):
            raise TypeError(f"{self} takes str, not {type(value).__name__}")

    def dumps(self, value: str) -> str:
        return value

    def loads(self, text: str) -> str:
        return text

    def get_db_prep_value(self, value: Any, connection: Any, prepared: bool = False) -> Any:
        empty = isinstance(value, str | bytes) and not value
        return super().get_db_prep_value(Ciphertext(b"") if empty else value, connection, prepared)


class EncryptedJSONField(EncryptedField):
    """A JSON value, which may be changed in place before save(). None is NULL.

    Numbers with a fraction are read as Decimal. A Decimal is written as a JSON number and refused with ValueError
    when a JSON reader would lose digits of it; NaN and infinity are refused; keys become str, tuples become lists.
    """

    empty_strings_allowed = False
    _pyi_private_set_type: Any
    _pyi_private_get_type: Any

    def dumps(self, value: Any) -> str:
        return json.dumps(
            value,
            ensure_ascii=False,
            allow_nan=False,
            separators=(",", ":"),
            default=_json_number,
        )

    def loads(self, text: str) -> Any:
        return json.loads(text, parse_float=Decimal)

    def formfield(self, **kwargs: Any) -> None:
        return None


def _json_number(value: object) -> int | float:
    if not isinstance(value, Decimal):
        raise TypeError(f"{type(value).__name__} is not JSON")
    if value == value.to_integral_value():
        return int(value)
    if Decimal(repr(float(value))) != value:
        raise ValueError("a Decimal has more digits than a JSON number keeps")
    return float(value)


class BlindIndexField(_BytesField):
    """Finds rows by the exact text of an encrypted field: filter(email_index__matches=" A@b.c").

    Filled at save from `source`, normalised; NULL when that is empty. Search hashes with every key.
    """

    _pyi_private_set_type: bytes | None
    _pyi_private_get_type: bytes | None

    def __init__(self, *args: Any, source: str, normalise: Callable[[str], str], **kwargs: Any) -> None:
        self.source, self.normalise = source, normalise
        super().__init__(
            *args,
            **{
                **kwargs,
                "null": True,
                "blank": True,
                "editable": False,
                "db_index": True,
            },
        )

    def deconstruct(self) -> tuple[str, str, Any, dict[str, Any]]:
        name, path, args, kwargs = super().deconstruct()
        for fixed in ("null", "blank", "editable", "db_index"):
            del kwargs[fixed]
        return (
            name,
            path,
            args,
            {**kwargs, "source": self.source, "normalise": self.normalise},
        )

    def contribute_to_class(self, cls: type[models.Model], name: str, private_only: bool = False) -> None:
        super().contribute_to_class(cls, name, private_only)
        if not cls._meta.abstract:
            signals.pre_save.connect(self._refuse_half_a_save, sender=cls)

    def _refuse_half_a_save(self, update_fields: frozenset[str] | None, **kwargs: Any) -> None:
        if update_fields and self.source in update_fields and self.name not in update_fields:
            raise ValueError(f"update_fields names {self.source} and must name {self.name} as well")

    def pre_save(self, model_instance: models.Model, add: bool) -> bytes | None:
        """Compute the index anew, unless its source has been neither read nor set."""
        cell = model_instance.__dict__.get(self.source)
        if add or not (isinstance(cell, _Cell) and cell.is_unread):
            setattr(model_instance, self.attname, self.index_of(getattr(model_instance, self.source) or ""))
        index: bytes | None = getattr(model_instance, self.attname)
        return index

    def index_of(self, text: str) -> bytes | None:
        """Return what the column holds for this text, by the newest key."""
        return next(iter(self.indexes(text)), None)

    def indexes(self, text: str) -> list[bytes]:
        """Return what the column may hold for this text, one value a key."""
        normal = self.normalise(text)
        return crypto.blind_indexes(normal, self._context) if normal else []

    def indexes_of(self, instance: models.Model) -> list[bytes]:
        """Return what the column may hold in a row with the same text: one value a key, and what it holds here.

        Only the latter when the text cannot be decrypted.
        """
        stored: bytes | None = getattr(instance, self.attname)
        try:
            found = self.indexes(getattr(instance, self.source) or "")
        except crypto.UnreadableValue:
            found = []
        return list(dict.fromkeys([*found, *([stored] if stored else [])]))

    @property
    def _context(self) -> str:
        return f"{self.model._meta.db_table}.{self.column}"

    def get_internal_type(self) -> str:
        return "BinaryField"

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> bytes | None:
        return None if value is None else bytes(value)

    def get_db_prep_value(self, value: Any, connection: Any, prepared: bool = False) -> Any:
        if value is None:
            return None
        if not isinstance(value, bytes):
            raise TypeError(f"{self} holds a fingerprint: search for a text with {self.name}__matches")
        return connection.Database.Binary(value)


@BlindIndexField.register_lookup
class Matches(In):
    lookup_name = "matches"

    def get_prep_lookup(self) -> Any:
        self.rhs = self.lhs.output_field.indexes(self.rhs)
        return super().get_prep_lookup()
