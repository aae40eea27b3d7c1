"""The packages that are asked for: none in a major version that nobody has tried, and a list of those tried."""

from configparser import ConfigParser
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
BY_CALENDAR = {"dask", "distributed", "setuptools"}
"""Their major versions break nothing of ours: they are dates, or every few weeks another one."""

LOCK = ROOT / "requirements-test.txt"


def requirements():
    settings = ConfigParser()
    settings.read(ROOT / "setup.cfg")
    extras = dict(settings["options.extras_require"])
    lines = [settings["options"]["install_requires"], *extras.values()]
    return [Requirement(line) for text in lines for line in text.split("\n") if line.strip()]


def locked():
    pinned = (line for line in LOCK.read_text().splitlines() if line and not line.startswith("#"))
    return {canonicalize_name(name): version for name, _, version in (line.partition("==") for line in pinned)}


def test_every_package_has_an_upper_bound():
    unbounded = [
        requirement.name
        for requirement in requirements()
        if not any(part.operator in ("<", "==", "~=") for part in requirement.specifier)
    ]
    assert set(unbounded) == BY_CALENDAR


def test_the_versions_that_were_tried_are_those_that_are_asked_for():
    versions = locked()
    for requirement in requirements():
        if (requirement.marker is None or requirement.marker.evaluate()) and requirement.name not in BY_CALENDAR:
            name = canonicalize_name(requirement.name)
            assert name in versions, f"{LOCK.name}: {name} is missing, make lock"
            assert versions[name] in requirement.specifier, f"{LOCK.name}: {name} {versions[name]}"
    assert "manned" not in versions and not any("/" in version for version in versions.values())
