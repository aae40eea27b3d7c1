"""Fixtures that every test may use, and options of the whole run."""

import os
import signal

# Two processes of tests share the cores, and threads that wait for work by turning in circles take them from the other.
# Libraries read this when they are imported, so it stands first.
for _library in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS"):
    os.environ.setdefault(_library, "1")

from full_disk import full_disk  # noqa: E402, F401
from jackd import jack_server  # noqa: E402, F401

# The programs that tests start take over what is passed by here: SIGHUP under nohup, SIGINT behind a shell's "&".
signal.signal(signal.SIGHUP, signal.SIG_DFL)
signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_addoption(parser):
    parser.addoption("--fuzz-cases", type=int, default=100, help="inputs for each reader")
    parser.addoption("--fuzz-seed", type=int, default=1, help="the same seed makes the same inputs")
    parser.addoption("--soak-s", type=float, default=8.0, help="seconds for which the program is used")


def pytest_ignore_collect(collection_path, config):
    """Other sound systems are there only for `make test-hosts`, which names the folder."""
    if collection_path.name == "hosts" and not any("hosts" in argument for argument in config.args):
        return True
    return None
