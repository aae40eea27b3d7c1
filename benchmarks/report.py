"""Writes a page of docs from what its benchmarks measured.

Every benchmark runs in a process of its own, and its section is kept in ``build``.
Measuring some of them again leaves the others on the page as they are.
"""

from __future__ import annotations

import ast
import datetime
import hashlib
import importlib
import inspect
import json
import os
import platform
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path

from .section import Promise, Section, markdown_table

HERE = Path(__file__).parent
DOCS = HERE.parent / "docs"
KEPT = HERE.parent / "build" / "benchmarks"
CHILD = "--in-process"
CORPUS = "--corpus"


@dataclass(frozen=True)
class Page:
    """A page and its benchmarks.

    Attributes
    ----------
    room : str
        The folder of the benchmarks.
    file : str
        Name of the page in docs; its pictures lie in a folder of its name.
    title, command : str
        The page's heading, and what writes it.
    benchmarks : tuple of str
        Their modules, in the order of the page.
    corpus : str
        Folder of a corpus that some of them listen to, unless the command line names another; empty when none does.
    """

    room: str
    file: str
    title: str
    command: str
    benchmarks: tuple[str, ...]
    corpus: str = ""

    @property
    def path(self) -> Path:
        """The page."""
        return DOCS / self.file

    def docstring(self, name: str) -> tuple[str, str]:
        """Title and method of a benchmark."""
        source = HERE / self.room / f"{name}.py"
        title, _, method = (ast.get_docstring(ast.parse(source.read_text())) or name).partition("\n")
        return title, method.strip()

    def heading(self, name: str) -> str:
        """The line that begins a benchmark's section."""
        return f"## {self.docstring(name)[0]}"


@dataclass(frozen=True)
class Measured:
    """A section that was measured.

    Attributes
    ----------
    machine, version : str
        Where it was measured, and the digest of the program's sources then.
    promises : list of dict
    parts : list of str
    """

    machine: str
    version: str
    promises: list[dict[str, object]]
    parts: list[str]

    @cached_property
    def section(self) -> Section:
        """What the benchmark handed over."""
        return Section([Promise(**promise) for promise in self.promises], self.parts)  # type: ignore[arg-type]


def measure(page: Page, names: Iterable[str] = (), corpus: str = "") -> None:
    """Measure all benchmarks of a page, or some, and write it; ``corpus`` instead of the page's own."""
    machine = describe_machine()
    for name in list(names) or page.benchmarks:
        print(f"== {name}", flush=True)
        arguments = [sys.executable, "-m", "benchmarks", page.room, CHILD, name, machine]
        subprocess.run([*arguments, *([CORPUS, corpus] if corpus else [])], check=True)
    page.path.write_text(write(page))
    print(f"written: {page.path}")


def measure_here(page: Page, name: str, machine: str, corpus: str = "") -> None:
    """Measure one benchmark in this process, and keep its section."""
    version = digest()
    function = importlib.import_module(f".{page.room}.{name}", __package__).measure
    given = {"pictures": page.path.with_suffix(""), "corpus": Path(corpus or page.corpus)}
    section = function(**{key: given[key] for key in inspect.signature(function).parameters if key in given})
    kept = _kept(page, name)
    kept.parent.mkdir(parents=True, exist_ok=True)
    kept.write_text(json.dumps({"machine": machine, "version": version, **asdict(section)}, ensure_ascii=False))


def write(page: Page) -> str:
    """The page from what was kept; a section that was not measured here stays as it stands."""
    kept = {name: _kept(page, name) for name in page.benchmarks}
    measured = {name: Measured(**json.loads(path.read_text())) for name, path in kept.items() if path.exists()}
    standing = _standing(page)
    machines = [one.machine for one in measured.values()]
    machine = max(machines, key=machines.count) if len(measured) == len(page.benchmarks) else standing.get("", "")
    parts = [f"# {page.title}", f"Written by `{page.command}`. {machine}".rstrip()]
    parts += _promises(page, measured)
    for name in page.benchmarks:
        if name in measured:
            parts += _section(page, name, measured[name], machine)
        elif name in standing:
            parts.append(standing[name])
    return "\n\n".join(parts) + "\n"


def describe_machine() -> str:
    """One sentence about the machine, its load and the versions in use."""
    import numba
    import numpy

    processor = next(
        (line.split(":")[1].strip() for line in Path("/proc/cpuinfo").read_text().splitlines() if "model name" in line),
        platform.machine(),
    )
    system = f"{platform.system()} {platform.release()}, Python {platform.python_version()}"
    libraries = f"numba {numba.__version__}, NumPy {numpy.__version__}"
    load = f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f} at the start"
    return f"{processor}, {load}; {system}, {libraries}; {datetime.date.today()}."


def digest() -> str:
    """Digest of the program's sources and decoders: figures of an earlier version are marked."""
    sources = hashlib.sha256()
    program = HERE.parent / "manned"
    for source in sorted([*program.rglob("*.py"), *program.rglob("*.safetensors")]):
        sources.update(source.read_bytes())
    return sources.hexdigest()[:16]


def _kept(page: Page, name: str) -> Path:
    return KEPT / page.room / f"{name}.json"


def _standing(page: Page) -> dict[str, str]:
    """The sections of the page as it is, by benchmark; under the empty name, the machine of its head."""
    if not page.path.exists():
        return {}
    head, *sections = page.path.read_text().split("\n## ")
    _, _, machine = head.partition(f"Written by `{page.command}`. ")
    found = {"": machine.partition("\n")[0]}
    for section in sections:
        for name in page.benchmarks:
            if f"## {section}".startswith(page.heading(name) + "\n"):
                found[name] = f"## {section}".rstrip()
    return found


def _promises(page: Page, measured: dict[str, Measured]) -> list[str]:
    """How many promises are kept, those that are not, and the table of all; nothing where none is made."""
    promises = [promise for one in measured.values() for promise in one.section.promises]
    if not promises:
        return []
    broken = [promise for promise in promises if not promise.kept]
    parts = [f"{len(promises) - len(broken)} of {len(promises)} promises are kept."]
    remarks = [f"- Not kept: {each.what} is {each.found}, promised was {each.aim}." for each in broken]
    missing = [page.docstring(name)[0].partition(":")[0].lower() for name in page.benchmarks if name not in measured]
    remarks += [f"- Not measured again, and not counted: {', '.join(missing)}."] if missing else []
    parts += ["\n".join(remarks)] if remarks else []
    rows = [(each.what, each.aim, each.found, each.verdict) for each in promises]
    return [*parts, markdown_table(("promise", "aim", "found", ""), rows)]


def _section(page: Page, name: str, measured: Measured, machine: str) -> list[str]:
    apart = "" if measured.machine == machine else f", measured apart: {measured.machine}"
    parts = [page.heading(name), f"`{page.command} ARGS={name}`{apart}", page.docstring(name)[1]]
    if measured.version != digest():
        parts.append("*These figures are of an earlier version of the program.*")
    return [*parts, *measured.parts]
