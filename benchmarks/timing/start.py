"""How light is it: time from exec to the first audio block, memory, and what is loaded.

Starts the program on a silent clock, once without compiled code and then five times
with it, and waits for READY on systemd's notification socket, which comes after the
first block.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from ..borrowed import free_port
from ..section import Section, quantiles
from ..show import show

RUNS = 5


def start(folder: str) -> tuple[float, float, float, str]:
    """Seconds to READY, resident MB a second later of the daemon and of its MIDI process, loaded libraries."""
    path = os.path.join(folder, "notify")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notify:
        notify.bind(path)
        notify.settimeout(120)
        begin = time.monotonic()
        program = subprocess.Popen(
            [sys.executable, "-m", "manned", "run", "--set", "audio.device=none", "--set", f"osc.port={free_port()}"],
            env={
                **os.environ,
                "NOTIFY_SOCKET": path,
                "NUMBA_CACHE_DIR": folder,
                "XDG_CONFIG_HOME": folder,
                "XDG_STATE_HOME": folder,
            },
            stderr=subprocess.DEVNULL,
        )
        try:
            while b"READY=1" not in notify.recv(4096):
                pass
            seconds = time.monotonic() - begin
            time.sleep(1.0)
            children = Path(f"/proc/{program.pid}/task/{program.pid}/children").read_text().split()
            memory = [_resident_mb(pid) for pid in (program.pid, *children)]
            libraries = Path(f"/proc/{program.pid}/maps").read_text()
        finally:
            program.terminate()
            program.wait(15)
    os.unlink(path)
    return seconds, memory[0], sum(memory[1:]), libraries


def _resident_mb(pid: int | str) -> float:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS"):
            return int(line.split()[1]) / 1024
    return 0.0


def measure(runs: int = RUNS) -> Section:
    """Start the program so many times, after a first time that compiles."""
    section = Section()
    with tempfile.TemporaryDirectory() as folder:
        compiling_s = start(folder)[0]
        started = [start(folder) for _ in range(runs)]
    seconds, memory, helper, libraries = zip(*started)
    section.table(
        ("measure", "median / p95 / max"),
        [
            ("exec to first block, s", quantiles(seconds)),
            ("the same of the first start, which compiles the engine, s", f"{compiling_s:.0f}"),
            ("resident memory of the daemon, MB", quantiles(memory)),
            ("of its MIDI reader, MB", quantiles(helper)),
            ("TensorFlow loaded", "yes" if any("tensorflow" in text for text in libraries) else "no"),
        ],
    )
    return section


if __name__ == "__main__":
    show(measure)
