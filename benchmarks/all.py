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
BENCHMARKS = ("tuning", "start", "voices", "latency", "flood", "osc_cost", "hostile")


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


def run(name: str) -> str:
    """Heading, method and output of one benchmark."""
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
    return f"## {title}\n\n`python benchmarks/{name}.py`\n{method.rstrip()}\n\n{output}\n"


def main():
    described = machine(f", load {os.getloadavg()[0]:.1f} at the start")
    parts = [run(name) for name in sys.argv[1:] or BENCHMARKS]
    page = f"# Measured\n\nWritten by `make bench`. {described}\n\n" + "\n".join(parts)
    if not sys.argv[1:]:
        PAGE.write_text(page)
        print(f"written: {PAGE}")


if __name__ == "__main__":
    main()
