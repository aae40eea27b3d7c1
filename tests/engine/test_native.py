"""The promises about threads: no lock, no allocation, no Python in the callback; rings that do not tear."""

import os
import re
import subprocess
import sys
import threading
from pathlib import Path

import numba as nb
import numpy as np
import pytest

from manned.engine.atomics import load_acquire, store_release

FORBIDDEN = re.compile(
    r"NRT_(?!incref|decref)|malloc|calloc|realloc|mmap|pthread_|sem_wait|nanosleep|fopen|write\b|Py[A-Z_]|numba_gil"
)
"""Allocation, locks, waiting, files and Python, by the names that machine code calls them.

Counting references is no harm: what is never allocated is never freed.
"""


def _calls(code):
    """What each function of an object file calls: names by function, as ``objdump`` tells them."""
    listing = subprocess.run(["objdump", "-dr", code], capture_output=True, text=True, check=True).stdout
    calls, function = {}, None
    for line in listing.splitlines():
        if begins := re.match(r"[0-9a-f]+ <(.+)>:$", line):
            function = calls.setdefault(begins[1], set())
        elif refers := re.search(r"R_\w+\s+([^\s+-]+)", line):
            function.add(refers[1])
    return calls


def _calls_of_kept(kept, folder):
    """What each function in a file of numba's cache calls."""
    content = kept.read_bytes()
    (folder / "kept.o").write_bytes(content[content.index(b"\x7fELF") :])
    return _calls(folder / "kept.o")


def _inner(calls):
    """The calls without numba's wrapper, which alone could report an exception: nothing below it raises one."""
    return {name: called for name, called in calls.items() if "cfunc." not in name and not name.startswith("NRT_")}


def test_the_callback_neither_allocates_nor_waits_nor_calls_python(tmp_path):
    """Read from the machine code that is kept between starts: the callback with everything that it calls."""
    script = "import numba, manned.engine.callback; print(numba.config.CACHE_DIR)"
    told = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    (kept,) = Path(told.stdout.strip()).glob("*/callback.callback-*.nbc")
    calls = _calls_of_kept(kept, tmp_path)
    assert {"sem_post", "clock_gettime"} <= set().union(*calls.values())  # so the whole callback was read
    assert len(_inner(calls)) > 10
    for name, called in _inner(calls).items():
        wrong = sorted(filter(FORBIDDEN.match, called))
        assert not wrong, f"{name} calls {', '.join(wrong)}"


CULPRIT = """
import numba as nb
import numpy as np
from numba import types

malloc = types.ExternalFunction("malloc", types.int64(types.int64))
lock = types.ExternalFunction("pthread_mutex_lock", types.int32(types.int64))


@nb.njit(cache=True)
def inner(word):
    {deed}


@nb.cfunc(types.int64(types.int64), error_model="numpy", cache=True)
def callback(word):
    return inner(word)
"""


@pytest.mark.parametrize(
    ("deed", "name"),
    [
        ("return malloc(word)", "malloc"),
        ("return lock(word)", "pthread_mutex_lock"),
        ("return len(np.zeros(word)[word // 2:]) + np.zeros(word).sum()", "NRT_MemInfo"),
        ("print(word)\n    return word", "Py"),
        ("with nb.objmode:\n        len('')\n    return word", "Py"),
        ("return word + 1", None),
    ],
)
def test_what_a_callback_must_not_do_is_seen_in_machine_code(tmp_path, deed, name):
    """The rule above with culprits: what it looks for stands in such files by these names."""
    (tmp_path / "culprit.py").write_text(CULPRIT.format(deed=deed))
    environment = {"PATH": os.environ["PATH"], "NUMBA_CACHE_DIR": str(tmp_path / "cache")}
    subprocess.run([sys.executable, "-c", "import culprit"], cwd=tmp_path, env=environment, check=True)
    (kept,) = (tmp_path / "cache").glob("*/culprit.callback-*.nbc")
    calls = _calls_of_kept(kept, tmp_path)
    wrong = list(filter(FORBIDDEN.match, set().union(*_inner(calls).values())))
    assert any(each.startswith(name) for each in wrong) if name else not wrong


@nb.njit(nogil=True)
def _write(ring, words, count):
    for item in range(count):
        while item - load_acquire(words, 1) >= len(ring):
            pass
        for k in range(ring.shape[1]):
            ring[item % len(ring), k] = item
        store_release(words, 0, item + 1)


@nb.njit(nogil=True)
def _read(ring, words, count):
    torn = 0
    for item in range(count):
        while load_acquire(words, 0) <= item:
            pass
        for k in range(ring.shape[1]):
            torn += ring[item % len(ring), k] != item
        store_release(words, 1, item + 1)
    return torn


def test_a_ring_between_two_threads_never_tears():
    ring, words, count = np.zeros((64, 5), np.int64), np.zeros(2, np.int64), 200_000
    _write(ring, words, 0), _read(ring, words, 0)
    result = []
    reader = threading.Thread(target=lambda: result.append(_read(ring, words, count)))
    writer = threading.Thread(target=_write, args=(ring, words, count))
    reader.start(), writer.start()
    reader.join(), writer.join()
    assert result == [0]


@pytest.mark.parametrize("words", [np.zeros(2, np.int32), np.zeros((2, 2), np.int64)])
def test_atomic_words_refuse_other_arrays(words):
    with pytest.raises(nb.core.errors.TypingError):
        nb.njit(lambda array: load_acquire(array, 0))(words)
