"""The structure check of fhir.resources, beside our own rules: it knows all of FHIR R4B and none of the codes."""

import json
from collections.abc import Mapping
from typing import Any

from intake.fhir import limits
from intake.fhir.faults import Fault
from intake.fhir.json_text import dumps


def check_structure(resource: Mapping[str, object]) -> tuple[Fault, ...]:
    """One fault for each place that is not as FHIR says, without the value that stands there.

    `resource` has come through `read_json`. The library takes a quarter of a second to load, so it is loaded here.
    """
    from fhir.resources.R4B import get_fhir_model_class
    from pydantic import ValidationError

    kind = resource.get("resourceType")
    try:
        model = get_fhir_model_class(str(kind))
    except ValueError:
        return (Fault("", "resourceType", "is not a FHIR resource"),)
    try:
        model.model_validate(json.loads(dumps(resource)))
    except ValidationError as error:
        return tuple(_fault(resource, one["loc"], one["type"]) for one in error.errors()[: limits.FAULTS])
    return ()


def _fault(resource: Mapping[str, object], path: tuple[int | str, ...], kind: str) -> Fault:
    """Name the closest item around the place; the library's kind of error is enough, its message can quote values."""
    here: Any = resource
    link_id, element = "", ""
    for part in path:
        here = _below(here, part)
        element += f"[{part}]" if isinstance(part, int) else f".{part}"
        if isinstance(here, Mapping) and isinstance(here.get("linkId"), str):
            link_id, element = here["linkId"], ""
    return Fault(
        link_id, element.removeprefix(".") or "resource", f"is not as FHIR R4 has it ({kind.replace('_', ' ')})"
    )


def _below(here: Any, part: int | str) -> Any:
    """What stands there, if anything does: the library also names what is missing."""
    try:
        return here[part]
    except (LookupError, TypeError):
        return None
