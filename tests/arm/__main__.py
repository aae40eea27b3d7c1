"""``python -m tests.arm``: install the wheel for arm64, compile the engine, render a score, compare it with ours.

Emulated, the engine takes long to compile; each step says how long it took.  What is done is kept in ``.arm`` and not
done again: the root, the installed wheel, the compiled code of a version.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import soundfile

from .machine import PROCESSOR, ArmMachine

HERE = Path(__file__).parent
CHECKOUT = HERE.parents[1]
FOLDER = CHECKOUT / ".arm"
FOUND = CHECKOUT / "build" / "arm.json"
MODELS = ("atlas", "atlas-spectrum")
LARGEST = 2.0**-20
"""What may differ between processors, of full scale: -120 dB, a thirty-second of the smallest step of 16 bits."""


def main() -> None:
    """Do all of it; the exit code is 1 when the two differ by more than rounding."""
    machine = ArmMachine(FOLDER)
    _step("the root of arm64", machine.make)
    with tempfile.TemporaryDirectory() as name:
        _step("the wheel", lambda: _wheel(Path(name)))
        wheel = next(Path(name).glob("manned-*.whl"))
        _step("installing it on arm64", lambda: _install(machine, wheel))
    shutil.copyfile(HERE / "score.txt", machine.home / "score.txt")
    found = {}
    for model in MODELS:
        theirs, ours = machine.home / f"{model}.wav", FOLDER / f"{model}.wav"
        words = ["render", "--model", model, "-o"]
        here = [sys.executable, "-m", "manned", *words, str(ours), str(HERE / "score.txt")]
        there = ["/root/venv/bin/manned", *words, f"/root/{model}.wav", "/root/score.txt"]
        _step(f"{model} on {PROCESSOR}", lambda there=there: machine.run(*there))
        _step(f"{model} here", lambda here=here: subprocess.run(here, check=True, cwd=CHECKOUT))
        found[model] = _compared(ours, theirs)
        print(f"{model}: {found[model]['told']}", flush=True)
    FOUND.parent.mkdir(exist_ok=True)
    FOUND.write_text(json.dumps(found))
    sys.exit(any(each["largest"] > LARGEST for each in found.values()))


def _step(name: str, action: Callable[[], object]) -> None:
    print(f"== {name}", flush=True)
    begin = time.monotonic()
    action()
    print(f"   {time.monotonic() - begin:.0f} s", flush=True)


def _wheel(folder: Path) -> None:
    words = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "-w", str(folder), str(CHECKOUT)]
    subprocess.run(words, check=True)


def _install(machine: ArmMachine, wheel: Path) -> None:
    """Install the wheel anew; what it needs comes from the registry, and stays."""
    if not (machine.home / "venv" / "bin" / "pip").exists():
        machine.run("/usr/bin/python3", "-m", "venv", "/root/venv")
    pip = ["/root/venv/bin/pip", "--quiet", "install", "--only-binary", ":all:", "--no-compile"]
    kept = machine.home / wheel.name
    if kept.exists() and _contents(kept) == _contents(wheel):
        return  # installing it anew would date its files anew, and the engine would be compiled again
    shutil.copyfile(wheel, machine.home / wheel.name)
    try:
        machine.run(*pip, f"/root/{wheel.name}")
        machine.run(*pip, "--no-deps", "--force-reinstall", f"/root/{wheel.name}")
    except BaseException:
        kept.unlink()
        raise


def _contents(wheel: Path) -> dict[str, int]:
    """Checksums of the files in a wheel: the same sources, whenever it was made."""
    with zipfile.ZipFile(wheel) as files:
        return {each.filename: each.CRC for each in files.infolist()}


def _compared(ours: Path, theirs: Path) -> dict:
    """The largest difference of two sound files, of full scale, and one sentence."""
    (here, _), (there, _) = (soundfile.read(path, dtype="float32") for path in (ours, theirs))
    if here.shape != there.shape:
        return {"largest": 1.0, "told": f"{len(here)} samples here, {len(there)} there"}
    if not here.any():
        return {"largest": 1.0, "told": "silence"}
    largest = float(np.abs(here - there).max())
    told = "equal bits" if (here == there).all() else f"largest difference {largest:.1e} of full scale"
    return {"largest": largest, "told": f"{told}, {(here != there).mean():.0%} of {here.size} samples differ"}


if __name__ == "__main__":
    main()
