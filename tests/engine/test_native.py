"""The promises about threads: no lock, no allocation, no Python in the callback; rings that do not tear."""

import subprocess
import sys
import threading

import numba as nb
import numpy as np
import pytest

from manned.engine.atomics import load_acquire, store_release


def test_the_callback_neither_allocates_nor_raises_nor_calls_python(tmp_path):
    """Read from the machine code's source: a fresh compilation, all callees linked in."""
    script = "from manned.engine.callback import callback; print(callback.inspect_llvm())"
    environment = {"NUMBA_CACHE_DIR": str(tmp_path), "PATH": "/usr/bin:/bin"}
    code = subprocess.run([sys.executable, "-c", script], env=environment, capture_output=True, text=True, check=True)
    body = code.stdout
    assert "sem_post" in body and "clock_gettime" in body
    for forbidden in ("NRT_Allocate", "NRT_MemInfo_alloc", "malloc", "pthread_mutex", "sem_wait", "picklebuf"):
        assert forbidden not in body
    wrapper, functions = body.split("define ", 1)[1], []
    functions = [part for part in body.split("\ndefine ")[1:] if not part.split("(")[0].count("cfunc.")]
    assert functions and "cfunc." in wrapper
    for function in functions:  # the wrapper alone could report an exception, and nothing below it raises one
        assert "PyErr" not in function and "numba_gil_ensure" not in function


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
