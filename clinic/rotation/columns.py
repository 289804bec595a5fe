"""The columns that hold what a key of FIELD_KEYS made, each kind with its own way to tell by which key."""

import base64
import binascii
import json
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from enum import Enum
from typing import Any

from django.db import connection, models

from clinic import crypto
from clinic.fields import BlindIndexField, EncryptedField

Row = Mapping[str, Any]  # column -> what the database holds, and "pk"
FACTOR = "mfa"  # the context of every second factor: allauth does not tell of which account
FACTOR_SECRETS = ("secret", "seed", "migrated_codes")  # of allauth: the app's secret, what recovery codes are made from


class State(Enum):
    NEWEST = "by the newest key"
    OLD = "left: by an older key"
    LOST = "unreadable: the key is not in FIELD_KEYS"
    DAMAGED = "unreadable: damaged, or copied from another place"


class Column(ABC):
    """One column of a table. What is empty has no state."""

    def __init__(self, field: "models.Field[Any, Any]") -> None:
        self.field, self.name = field, str(field.column)

    @property
    def type(self) -> str:
        return str(self.field.rel_db_type(connection))

    def look(self, name: str) -> str:
        """The SQL for what `states` needs of the column, whose quoted name is given."""
        return name

    def tokens(self, row: Row) -> Iterator[tuple[bytes, str]]:
        """What a key has encrypted, each with its context."""
        yield from ()

    def states(self, row: Row) -> Iterator[State]:
        for token, context in self.tokens(row):
            yield State.NEWEST if crypto.is_by_newest_key(token) else _opened(token, context)

    def unreadable(self, row: Row) -> Iterator[State]:
        """Why, for each value that cannot be opened. Opens them all, also those by the newest key."""
        found = (_opened(token, context) for token, context in self.tokens(row))
        yield from (state for state in found if state is not State.OLD)

    @abstractmethod
    def renewed(self, row: Row) -> Any:
        """Return the value by the newest key; what cannot be read stays as it is."""


class TokenColumn(Column):
    field: EncryptedField

    def tokens(self, row: Row) -> Iterator[tuple[bytes, str]]:
        if token := row[self.name]:
            yield token, self.field.context_of(row["pk"])

    def renewed(self, row: Row) -> bytes | None:
        token: bytes | None = row[self.name]
        return _renewed(token, self.field.context_of(row["pk"])) if token else token


class LongTokenColumn(TokenColumn):
    """One that no index is made of: of a token by the newest key, its beginning says all."""

    def look(self, name: str) -> str:
        return f"CASE WHEN substr({name}, 1, {crypto.HEADER_BYTES}) = %s THEN %s::bytea ELSE {name} END"


class IndexColumn(Column):
    """A fingerprint does not tell its key: it is compared with the one that the newest key gives."""

    field: BlindIndexField

    def __init__(self, field: BlindIndexField) -> None:
        super().__init__(field)
        source = field.model._meta.get_field(field.source)
        assert isinstance(source, EncryptedField)
        self.source = source

    def states(self, row: Row) -> Iterator[State]:
        try:
            wanted = self._wanted(row)
        except crypto.UnknownKey:
            yield State.LOST
        except crypto.Tampered:
            yield State.DAMAGED
        else:
            if wanted or row[self.name]:
                yield State.NEWEST if wanted == row[self.name] else State.OLD

    def renewed(self, row: Row) -> bytes | None:
        try:
            return self._wanted(row)
        except crypto.UnreadableValue:
            found: bytes | None = row[self.name]
            return found

    def _wanted(self, row: Row) -> bytes | None:
        token = row[str(self.source.column)]
        return self.field.index_of(crypto.decrypt(token, self.source.context_of(row["pk"])) if token else "")


class FactorColumn(Column):
    """The secrets of a member of staff's second factor, in the JSON that allauth keeps."""

    def tokens(self, row: Row) -> Iterator[tuple[bytes, str]]:
        for text in _texts(json.loads(row[self.name])):
            yield _token(text), FACTOR

    def renewed(self, row: Row) -> str:
        data = json.loads(row[self.name])
        for key in FACTOR_SECRETS:
            if isinstance(found := data.get(key), list):
                data[key] = [self._renewed(text) for text in found]
            elif found is not None:
                data[key] = self._renewed(found)
        return json.dumps(data)

    def _renewed(self, text: str) -> str:
        token = _token(text)
        renewed = _renewed(token, FACTOR)
        return text if renewed == token else base64.b64encode(renewed).decode()


def columns_of(model: type[models.Model]) -> list[Column]:
    """The columns of the model's own table that hold something a key has made."""
    fields = model._meta.local_concrete_fields
    indexed = {field.source for field in fields if isinstance(field, BlindIndexField)}
    found: list[Column] = []
    for field in fields:
        if isinstance(field, BlindIndexField):
            found.append(IndexColumn(field))
        elif isinstance(field, EncryptedField):
            found.append((TokenColumn if field.name in indexed else LongTokenColumn)(field))
        elif model._meta.label == "mfa.Authenticator" and field.name == "data":
            found.append(FactorColumn(field))
    return found


def _texts(data: Mapping[str, Any]) -> Iterator[str]:
    for key in FACTOR_SECRETS:
        found = data.get(key) or []
        yield from found if isinstance(found, list) else [found]


def _token(text: str) -> bytes:
    """Return the token, or nothing for what is none."""
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return b""


def _opened(token: bytes, context: str) -> State:
    """Open it with whatever key it names; one that opens counts as old."""
    try:
        crypto.decrypt(token, context)
    except crypto.UnknownKey:
        return State.LOST
    except crypto.Tampered:
        return State.DAMAGED
    return State.OLD


def _renewed(token: bytes, context: str) -> bytes:
    if crypto.is_by_newest_key(token):
        return token
    try:
        return crypto.encrypt(crypto.decrypt(token, context), context)
    except crypto.UnreadableValue:
        return token
