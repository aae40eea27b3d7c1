"""A process that compiles beside this one: waited for, ended with it, and never needed."""

import os
import sys
import time

import numba
import pytest

from manned.engine.compile_beside import compiling_beside


@pytest.fixture
def module(tmp_path, monkeypatch):
    """Write a module that another process can import, and return its name."""
    monkeypatch.setattr(numba.config, "CACHE_DIR", str(tmp_path))
    monkeypatch.setattr(os, "sched_getaffinity", lambda process: {0, 1})
    monkeypatch.syspath_prepend(str(tmp_path))

    def write(program):
        (tmp_path / "compiled_there.py").write_text(program)
        return "compiled_there"

    return write


def marks(path, begin=""):
    return f"import os, time\n{begin}\nopen({str(path)!r}, 'w').write(str(os.getpid()))"


def test_it_is_done_when_the_block_ends(module, tmp_path):
    with compiling_beside(module(marks(tmp_path / "done", "time.sleep(0.5)"))):
        assert "compiled_there" not in sys.modules
    assert int((tmp_path / "done").read_text()) != os.getpid()


def test_it_ends_with_a_block_that_fails(module, tmp_path):
    begun = time.monotonic()
    with pytest.raises(RuntimeError), compiling_beside(module(marks(tmp_path / "done", "time.sleep(60)"))):
        raise RuntimeError
    assert time.monotonic() - begun < 30.0
    assert not (tmp_path / "done").exists()


def test_one_that_fails_is_no_error(module):
    with compiling_beside(module("raise SystemExit(3)")):
        pass


@pytest.mark.parametrize("lacks", ["processors", "cache", "interpreter"])
def test_there_is_none_where_it_would_not_help(module, tmp_path, monkeypatch, lacks):
    if lacks == "processors":
        monkeypatch.setattr(os, "sched_getaffinity", lambda process: {0})
    elif lacks == "cache":
        monkeypatch.setattr(numba.config, "CACHE_DIR", "")
    else:
        monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
    with compiling_beside(module(marks(tmp_path / "done"))):
        pass
    assert not (tmp_path / "done").exists()
