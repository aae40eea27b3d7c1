"""Fixtures that every test may use, and options of the whole run."""

import os
import signal
from pathlib import Path

# Two processes of tests share the cores, and threads that wait for work by turning in circles take them from the other.
# Libraries read this when they are imported, so it stands first.
os.environ |= dict.fromkeys(
    ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS"), "1"
)

from full_disk import full_disk  # noqa: F401
from jackd import jack_server  # noqa: F401
from noise_table import fill_once

# The programs that tests start take over what is passed by here: SIGHUP under nohup, SIGINT behind a shell's "&".
signal.signal(signal.SIGHUP, signal.SIG_DFL)
signal.signal(signal.SIGINT, signal.default_int_handler)

# librosa comes before the engine: then it keeps what it compiles in its own folder, where every process finds it.  For
# a few tests in one process this is not worth its seconds.
if "PYTEST_XDIST_WORKER" in os.environ:
    import librosa.core.pitch
    import librosa.sequence  # noqa: F401

LONGEST_FIRST = (
    "training/paper/test_experiments.py",
    "training/test_learn.py",
    "test_encode.py",
    "service/test_page_workshop.py",
    "training/network/test_fit.py",
    "control/midi/test_midi_learn.py",
    "training/test_train_cli.py",
    "service/test_page.py",
    "training/measure/test_figures.py",
    "training/test_harmonic_learn.py",
    "test_cli.py",
    "test_daemon.py",
    "engine/test_cache.py",
    "test_examples.py",
    "test_render.py",
    "state/test_morph.py",
    "audio/test_recorder.py",
)
"""Files of tests that take more than ten seconds: begun last, one process would wait for the other at the end."""


def pytest_addoption(parser):
    parser.addoption("--fuzz-cases", type=int, default=100, help="inputs for each reader")
    parser.addoption("--fuzz-seed", type=int, default=1, help="the same seed makes the same inputs")
    parser.addoption("--soak-s", type=float, default=8.0, help="seconds for which the program is used")


def pytest_collection_modifyitems(items):
    places = {str(Path(__file__).parent / name): place for place, name in enumerate(LONGEST_FIRST)}
    items.sort(key=lambda item: places.get(str(item.path), len(places)))


def pytest_collection_finish():
    fill_once()


def pytest_ignore_collect(collection_path, config):
    """Other sound systems are there only for `make test-hosts`, which names the folder."""
    if collection_path.name == "hosts" and not any("hosts" in argument for argument in config.args):
        return True
    return None
