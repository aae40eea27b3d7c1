"""Run every benchmark and write what it printed into docs/measured.md."""

from __future__ import annotations

import ast
import datetime
import os
import platform
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
PAGE = HERE.parent / "docs" / "measured.md"
BENCHMARKS = ("tuning", "start", "voices", "latency", "flood", "osc_cost", "hostile", "learn")


def machine(load: str = "") -> str:
    """One sentence about the machine and the versions in use."""
    import numba
    import numpy

    processor = next(
        (line.split(":")[1].strip() for line in Path("/proc/cpuinfo").read_text().splitlines() if "model name" in line),
        platform.machine(),
    )
    return (
        f"{processor}, {os.cpu_count()} cores{load}; {platform.system()} "
        f"{platform.release()}, Python {platform.python_version()}, numba {numba.__version__}, NumPy {numpy.__version__}; "
        f"{datetime.date.today()}."
    )


def run(name: str, apart: str = "") -> str:
    """Heading, method and output of one benchmark; ``apart`` says when and where, if not with the others."""
    source = HERE / f"{name}.py"
    title, _, method = ast.get_docstring(ast.parse(source.read_text())).partition("\n")
    print(f"== {name}", flush=True)
    done = subprocess.run([sys.executable, str(source)], stdout=subprocess.PIPE, text=True)
    print(done.stdout, flush=True)
    if done.returncode:
        raise SystemExit(f"{source}: ended with {done.returncode}")
    output = done.stdout.strip()
    if not any(line.startswith("|") for line in output.splitlines()):
        output = f"```\n{output}\n```"
    return f"## {title}\n\n{_command(name)}{apart}\n{method.rstrip()}\n\n{output}\n"


def _command(name: str) -> str:
    return f"`python benchmarks/{name}.py`"


def main():
    """Measure all and write the page anew, or the benchmarks named and put them in their places on it."""
    names = sys.argv[1:] or BENCHMARKS
    described = machine(f", load {os.getloadavg()[0]:.1f} at the start")
    head, parts = f"# Measured\n\nWritten by `make bench`. {described}\n", {}
    if sys.argv[1:]:
        head, *standing = PAGE.read_text().split("\n## ")
        parts = {name: f"## {part}" for part in standing for name in BENCHMARKS if _command(name) in part}
    parts.update({name: run(name, f", measured apart: {described}" if sys.argv[1:] else "") for name in names})
    PAGE.write_text("\n".join([head, *(parts[name] for name in BENCHMARKS if name in parts)]))
    print(f"written: {PAGE}")


if __name__ == "__main__":
    main()
