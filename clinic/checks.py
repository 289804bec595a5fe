from importlib.util import find_spec

from django.core.checks import CheckMessage, Error, register


@register()
def psycopg_2_only(**kwargs: object) -> list[CheckMessage]:
    """Django silently prefers psycopg 3 when both are installed."""
    if find_spec("psycopg") is None:
        return []
    return [
        Error(
            "psycopg 3 is installed, and Django would use it instead of psycopg2.",
            hint="Remove it: pip uninstall psycopg psycopg-binary",
            id="clinic.E001",
        )
    ]
