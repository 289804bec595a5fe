"""What is installed beside the project is written down, to the version."""

from importlib.metadata import distribution
from pathlib import Path

from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parent.parent


def listed(name: str) -> list[Requirement]:
    texts = [line.partition("#")[0].strip() for line in (ROOT / name).read_text(encoding="utf-8").splitlines()]
    return [Requirement(text) for text in texts if text and not text.startswith("-")]


def needed(wanted: list[Requirement]) -> set[str]:
    """What these packages bring with them, and they themselves, each with the version that is installed here."""
    found, waiting = {}, list(wanted)
    seen = set()
    while waiting:
        one = waiting.pop()
        key = (one.name.lower(), *sorted(one.extras))
        if key in seen:
            continue
        seen.add(key)
        package = distribution(one.name)
        found[package.name.lower()] = f"{package.name.lower()}=={package.version}"
        others = map(Requirement, package.requires or [])
        waiting += [other for other in others if _applies(other, one.extras)]
    return set(found.values())


def _applies(requirement: Requirement, extras: set[str]) -> bool:
    return requirement.marker is None or any(requirement.marker.evaluate({"extra": extra}) for extra in (*extras, ""))


def test_every_package_that_the_site_runs_with_is_pinned_and_is_the_one_installed():
    written = {f"{one.name.lower()}{one.specifier}" for one in listed("constraints.txt")}

    assert "django==5.2.19" in written
    assert needed(listed("requirements.txt")) - written == set()


def test_what_the_project_asks_for_itself_is_pinned_exactly():
    asked = listed("requirements.txt") + listed("tests/requirements.txt")

    assert len(asked) > 25
    assert [one.name for one in asked if not str(one.specifier).startswith("==")] == []
