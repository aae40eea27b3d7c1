"""The line that moves while the engine is compiled."""

import os
import pty
import re
import shutil
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from free_port import free_port
from notified import Manager
from small_decoder import small_decoder_file

from manned.cli.first_start import STEPS, progress

COMPILED_AGAIN = ("words.read_word-*", "words.write_word-*")
"""Small parts of the engine, which a test compiles again."""


@pytest.fixture
def nearly_whole_cache(tmp_path):
    """A copy of the engine's compiled code that lacks a few pieces."""
    told = "import manned.engine, numba; print(numba.config.CACHE_DIR)"
    done = subprocess.run([sys.executable, "-c", told], capture_output=True, text=True, check=True)
    whole = Path(done.stdout.strip())
    copy = tmp_path / "cache" / whole.name
    shutil.copytree(whole, copy)
    gone = [path for name in COMPILED_AGAIN for path in copy.rglob(name)]
    assert len(gone) >= 2 * len(COMPILED_AGAIN)
    for path in gone:
        path.unlink()
    return copy.parent


def on_a_terminal(arguments, environment, manager):
    """Start `manned` with stderr on a terminal, end it when it is ready; what it shows there and what systemd hears."""
    end, terminal = pty.openpty()
    shown = []

    def read():
        while True:
            try:
                shown.append(os.read(end, 65536))
            except OSError:  # nobody has the terminal any more
                return

    process = subprocess.Popen(arguments, stderr=terminal, stdout=subprocess.DEVNULL, env=environment)
    os.close(terminal)
    reader = threading.Thread(target=read)
    reader.start()  # a terminal that nobody reads holds up who writes to it
    try:
        heard = manager.hear_until("READY=1")
        process.terminate()
        heard += manager.hear_until("STOPPING=1")
        process.wait(10.0)
    finally:
        process.kill()
        reader.join(10.0)
        os.close(end)
    return b"".join(shown).decode(), heard


def test_a_terminal_and_systemd_are_told_how_far_compiling_is(nearly_whole_cache, tmp_path):
    cache = nearly_whole_cache
    small_decoder_file(tmp_path)
    settings = {"model.folders": tmp_path, "model.name": "small", "audio.device": "none", "midi.api": "none"}
    settings |= {"osc.port": free_port(), "web.port": 0, "state.folder": tmp_path / "state"}
    words = [word for name, value in settings.items() for word in ("--set", f"{name}={value}")]
    run = [sys.executable, "-m", "manned", "run", *words]
    manager = Manager(str(tmp_path / "notify"), timeout_s=120.0)
    environment = {**os.environ, "NUMBA_CACHE_DIR": str(cache), "NOTIFY_SOCKET": str(tmp_path / "notify")}
    shown, heard = on_a_terminal(run, environment, manager)
    counts = [int(count) for count in re.findall(rf"(\d+) of {STEPS}", shown)]
    assert counts and counts == sorted(counts), shown
    assert counts[-1] == len(COMPILED_AGAIN)
    assert "the engine is compiled" in shown
    assert heard[0].startswith("STATUS=starting")
    steps = [re.fullmatch(rf"STATUS=compiling the engine, step (\d+) of {STEPS}; .*", told) for told in heard]
    assert any(steps), heard
    # Now all is there, and nothing is told.
    shown, heard = on_a_terminal(run, environment, manager)
    assert "compil" not in shown
    assert not any(told.startswith("STATUS=compil") for told in heard)


def test_the_line_ends_about_where_compiling_ends():
    """Functions are compiled once for each of the types that they are called with, a few of them for several."""
    sources = (Path(__file__).parents[1] / "manned" / "engine").rglob("*.py")
    functions = sum(len(re.findall(r"^ *@native\b", source.read_text(), re.MULTILINE)) for source in sources)
    assert functions < STEPS < 1.5 * functions


def test_the_line_grows_and_is_of_one_length():
    lines = [progress(count) for count in (0, STEPS // 2, STEPS, 2 * STEPS)]
    assert [line.count("#") for line in lines] == [0, 15, 30, 30]
    assert len({len(line) for line in lines}) == 1
