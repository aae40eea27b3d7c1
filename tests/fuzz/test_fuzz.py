"""Whatever reads bytes of strangers reads anything: it understands it, or says in one sentence why not.

`make fuzz` does it for longer and with another seed each time.  What fails is written
to a file; put into ``corpus/`` under the name of its target, it is tried for ever.
"""

import mmap
import time
import tracemalloc
from pathlib import Path

import pytest
from damage import damaged
from resident import MOST_BYTES, Resident
from targets import ALLOWED, targets

CORPUS = Path(__file__).with_name("corpus")
MOST_S = 5.0
"""For one input; most take less than a thousandth of it."""

NAMES = (
    "osc", "osc-stream", "midi", "midi-file", "score", "settings", "preset", "last", "learned", "scale", "keyboard",
    "controller", "gesture", "decoder", "encoder", "sound",
)  # fmt: skip


@pytest.fixture(scope="module")
def readers(tmp_path_factory):
    found = targets(tmp_path_factory.mktemp("fuzz"))
    assert tuple(found) == NAMES
    assert {folder.name for folder in CORPUS.iterdir()} <= set(NAMES)
    return found


def attempt(name, read, data, folder):
    """Have some bytes read; what is wrong with that fails the test and is written down."""
    begin, problem = time.process_time(), ""
    resident = Resident()
    try:
        read(data)
    except ALLOWED as error:
        sentence = str(error)
        if not sentence or "\n" in sentence or len(sentence) > 2000:
            problem = f"said {sentence[:200]!r}"
    except Exception as error:
        problem = f"{type(error).__name__}: {error}"
    if time.process_time() - begin > MOST_S:
        problem = problem or f"took {time.process_time() - begin:.1f} s"
    if resident.grew() > MOST_BYTES:
        problem = problem or f"took {resident.grew() >> 20} MiB of memory"
    if problem:
        path = folder / f"{name}.input"
        path.write_bytes(data)
        pytest.fail(f"{name}: {problem[:500]}; the input is in {path}")


@pytest.mark.parametrize("name", NAMES)
def test_what_is_good_is_understood(name, readers):
    for data in readers[name].good:
        readers[name].read(data)


@pytest.mark.parametrize("name", NAMES)
def test_what_once_failed_is_read_or_refused(name, readers, tmp_path):
    for path in sorted((CORPUS / name).glob("*")):
        attempt(name, readers[name].read, path.read_bytes(), tmp_path)


@pytest.mark.parametrize("name", NAMES)
def test_anything_is_read_or_refused(name, readers, tmp_path, request):
    target, cases = readers[name], request.config.getoption("--fuzz-cases")
    whole = Resident()
    tracemalloc.start()
    try:
        for data in damaged(target.good, cases // target.cost, request.config.getoption("--fuzz-seed")):
            attempt(name, target.read, data, tmp_path)
        assert tracemalloc.get_traced_memory()[1] < MOST_BYTES
        assert whole.kept() < MOST_BYTES
    finally:
        tracemalloc.stop()


def test_memory_that_python_does_not_know_of_is_seen(tmp_path):
    def read(data):
        part = bytes([1]) * (1 << 20)
        with mmap.mmap(-1, MOST_BYTES + 64 * len(part)) as taken:
            while taken.tell() < len(taken):
                taken.write(part)

    with pytest.raises(pytest.fail.Exception, match="MiB of memory"):
        attempt("osc", read, b"", tmp_path)
