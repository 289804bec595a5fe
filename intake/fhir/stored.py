"""A QuestionnaireResponse that we wrote ourselves, as text: most of it goes into a Bundle unread."""

from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Any

from intake.fhir.json_text import loads


class StoredResponse(Mapping[str, object]):
    """`text` is a completed response of `response.build`, by `dumps`: with its record's identifier, and of nobody."""

    def __init__(self, text: str) -> None:
        self.text = text

    @cached_property
    def _read(self) -> dict[str, Any]:
        return loads(self.text)

    def __getitem__(self, key: str) -> Any:
        return self._read[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._read)

    def __len__(self) -> int:
        return len(self._read)
