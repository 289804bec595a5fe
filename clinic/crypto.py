"""Encryption of single values, and the blind index that finds them again.

A token is: version (1 byte), key id (4), nonce (12), AES-256-GCM ciphertext with its tag (16 longer than the text).
The version, the key id and `context` are authenticated, so that a token moved to another row or column does not open.
Every key is derived by HKDF from a master key of settings.FIELD_KEYS; the newest comes first and encrypts.
"""

import hashlib
import hmac
import os
from dataclasses import dataclass
from functools import lru_cache

import phonenumbers
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

VERSION = b"\x01"
KEY_ID_BYTES = 4
NONCE_BYTES = 12  # random: one key is good for 2**32 values
TAG_BYTES = 16
INDEX_BYTES = 16
HEADER_BYTES = len(VERSION) + KEY_ID_BYTES


class UnreadableValue(Exception):
    """A stored value cannot be opened. The message says why and holds nothing of the value."""


class UnknownKey(UnreadableValue):
    def __init__(self) -> None:
        super().__init__("The key that this value was encrypted with is not in FIELD_KEYS.")


class Tampered(UnreadableValue):
    def __init__(self) -> None:
        super().__init__("This value was damaged, or it was copied here from another row or column.")


@dataclass(frozen=True, slots=True, repr=False)
class Key:
    id: bytes
    cipher: AESGCM
    index: bytes


def encrypt(text: str, context: str) -> bytes:
    """Return a token that only `decrypt` with the same context ("table.column" and the row's id) opens.

    Raises TypeError for anything but str, and ValueError for text that is not Unicode (a lone surrogate).
    """
    key = _keys()[0]
    header, nonce = newest_header(), os.urandom(NONCE_BYTES)
    return header + nonce + key.cipher.encrypt(nonce, _utf8(text), header + _utf8(context))


def decrypt(token: bytes, context: str) -> str:
    """Raises UnknownKey or Tampered, which are both UnreadableValue."""
    if len(token) < HEADER_BYTES + NONCE_BYTES + TAG_BYTES or not token.startswith(VERSION):
        raise Tampered
    header, rest = token[:HEADER_BYTES], token[HEADER_BYTES:]
    key = next((key for key in _keys() if key.id == header[len(VERSION) :]), None)
    if key is None:
        raise UnknownKey
    try:
        return key.cipher.decrypt(rest[:NONCE_BYTES], rest[NONCE_BYTES:], header + _utf8(context)).decode()
    except InvalidTag:
        raise Tampered from None


def is_by_newest_key(token: bytes) -> bool:
    """Whether a token says that the newest key made it; what it says is proved by `decrypt` alone."""
    return token.startswith(newest_header())


def newest_header() -> bytes:
    """Return what every token by the newest key begins with."""
    return VERSION + _keys()[0].id


def key_id(master: bytes) -> bytes:
    """Return what a token names this master key by. Two keys with the same one must not be used together."""
    return _derive(master, b"key id", KEY_ID_BYTES)


def blind_index(text: str, context: str) -> bytes:
    """Return the newest key's fingerprint of a normalised text. `context` is "table.column"."""
    return blind_indexes(text, context)[0]


def blind_indexes(text: str, context: str) -> list[bytes]:
    """Return the fingerprints by every key, newest first: what to search for while keys are being rotated."""
    message = _utf8(context) + b"\0" + _utf8(text)
    return [hmac.digest(key.index, message, "sha256")[:INDEX_BYTES] for key in _keys()]


def token_hash(token: str) -> str:
    """Return what is stored of a random token of a link or cookie. A long random token needs no secret key."""
    return hashlib.sha256(_utf8(token)).hexdigest()


def normal_email(text: str) -> str:
    return text.strip().casefold()


def normal_phone(text: str) -> str:
    """Return the number as E.164, read as a United States number unless it starts with +; else its digits."""
    try:
        number = phonenumbers.parse(text, "US")
    except phonenumbers.NumberParseException:
        return phonenumbers.normalize_digits_only(text)
    if not phonenumbers.is_possible_number(number):
        return phonenumbers.normalize_digits_only(text)
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def _utf8(text: str) -> bytes:
    if not isinstance(text, str):
        raise TypeError(f"expected str, not {type(text).__name__}")
    try:
        return text.encode()
    except UnicodeEncodeError:  # whose own message and attributes hold the text
        raise ValueError("the text holds a lone surrogate, which is not a character") from None


def _keys() -> tuple[Key, ...]:
    return _derived(tuple(settings.FIELD_KEYS))


@lru_cache(maxsize=8)
def _derived(masters: tuple[bytes, ...]) -> tuple[Key, ...]:
    return tuple(
        Key(
            id=key_id(master),
            cipher=AESGCM(_derive(master, b"encryption", 32)),
            index=_derive(master, b"blind index", 32),
        )
        for master in masters
    )


def _derive(master: bytes, purpose: bytes, length: int) -> bytes:
    return HKDF(algorithm=SHA256(), length=length, salt=None, info=b"clinic field " + purpose).derive(master)
