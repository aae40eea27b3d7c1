"""Measure every promise of the instrument's sound and write docs/sound.md with its pictures.

Names of rows as arguments measure those alone; the page keeps the last figures of the others.
"""

from __future__ import annotations

import ast
import hashlib
import importlib
import json
import subprocess
import sys
from dataclasses import asdict

from all import HERE, machine
from sound.report import PICTURES, Promise, Section, markdown_table

DOCS = HERE.parent / "docs"
KEPT = HERE.parent / "build" / "sound"
ROWS = ("quality", "tuning", "curves", "steadiness", "clicks", "levels", "determinism", "cost")


def version() -> str:
    """Digest of the program's sources: figures of an earlier one are marked."""
    digest = hashlib.sha256()
    for source in sorted((HERE.parent / "manned").rglob("*.py")):
        digest.update(source.read_bytes())
    return digest.hexdigest()[:16]


def measure(name: str) -> None:
    """Measure one row, in this process, and keep its section."""
    measured = version()
    section = importlib.import_module(f"sound.{name}").measure(DOCS / PICTURES)
    KEPT.mkdir(parents=True, exist_ok=True)
    (KEPT / f"{name}.json").write_text(
        json.dumps({"machine": machine(), "version": measured, **asdict(section)}, ensure_ascii=False)
    )


def title_and_method(name: str) -> tuple[str, str]:
    source = HERE / "sound" / f"{name}.py"
    title, _, method = ast.get_docstring(ast.parse(source.read_text())).partition("\n")
    return title, method.strip()


def page() -> str:
    """The page from what was kept of every row."""
    kept = {name: json.loads((KEPT / f"{name}.json").read_text()) for name in ROWS if (KEPT / f"{name}.json").exists()}
    sections = {
        name: Section([Promise(**p) for p in entry["promises"]], entry["parts"]) for name, entry in kept.items()
    }
    promises = [promise for section in sections.values() for promise in section.promises]
    broken = [promise for promise in promises if not promise.kept]
    present = version()
    machines = sorted({entry["machine"] for entry in kept.values()})
    lines = ["# How it sounds, measured", "", "Written by `make bench-sound`. " + " ".join(machines), ""]
    lines += [f"{len(promises) - len(broken)} of {len(promises)} promises are kept.", ""]
    lines += [f"- Not kept: {p.what} is {p.found}, promised was {p.aim}." for p in broken]
    missing = [title_and_method(name)[0].partition(":")[0].lower() for name in ROWS if name not in kept]
    lines += [f"- Not measured yet: {', '.join(missing)}."] if missing else []
    lines += [
        "",
        markdown_table(("promise", "aim", "found", ""), [(p.what, p.aim, p.found, p.verdict) for p in promises]),
    ]
    for name, section in sections.items():
        title, method = title_and_method(name)
        lines += ["", f"## {title}", "", f"`make bench-sound ARGS={name}`", "", method]
        if kept[name].get("version") != present:
            lines += ["", "*These figures are of an earlier version of the program.*"]
        for part in section.parts:
            lines += ["", part]
    return "\n".join(lines) + "\n"


def main():
    if sys.argv[1:2] == ["--in-process"]:
        return measure(sys.argv[2])
    for name in sys.argv[1:] or ROWS:
        print(f"== {name}", flush=True)
        subprocess.run([sys.executable, __file__, "--in-process", name], check=True)
    (DOCS / "sound.md").write_text(page())
    print(f"written: {DOCS / 'sound.md'}")


if __name__ == "__main__":
    main()
