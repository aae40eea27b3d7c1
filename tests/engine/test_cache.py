"""Where compiled code is kept, and what is not trusted with it."""

import os
import pwd
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numba
import pytest

import manned
from manned.engine.cache import choose_cache


@pytest.fixture(autouse=True)
def nowhere(tmp_path, monkeypatch):
    """A user without a home and without settings, whose temporary files lie in ``tmp_path``."""

    def unknown(uid):
        raise KeyError(uid)

    monkeypatch.setattr(pwd, "getpwuid", unknown)
    for name in ("HOME", "XDG_CACHE_HOME", "CACHE_DIRECTORY", "NUMBA_CACHE_DIR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setattr(numba.config, "CACHE_DIR", "")


def chosen() -> Path:
    choose_cache()
    return Path(numba.config.CACHE_DIR)


def test_a_first_start_that_was_ended_early_is_first_again(tmp_path, monkeypatch):
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path))
    assert choose_cache()
    kept = chosen() / "engine"
    kept.mkdir()
    (kept / "words.read_word-40.py311.nbi").touch()
    assert choose_cache()
    (kept / "callback.callback-78.py311.nbi").touch()
    assert not choose_cache()


@pytest.mark.parametrize("name", ["NUMBA_CACHE_DIR", "CACHE_DIRECTORY"])
def test_a_given_folder_needs_no_home(tmp_path, monkeypatch, name):
    monkeypatch.setenv(name, str(tmp_path / "given"))
    assert chosen().parent == tmp_path / "given"


def test_a_folder_of_the_user_goes_before_one_among_the_temporary_files(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    assert chosen().parent == tmp_path / "home" / ".cache" / "manned"
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    assert chosen().parent == tmp_path / "cache" / "manned"


def test_without_a_home_a_temporary_folder_is_made_that_nobody_else_can_write_to(tmp_path):
    folder = chosen().parent
    assert folder == tmp_path / f"manned-{os.getuid()}"
    assert folder.stat().st_mode & 0o077 == 0
    assert chosen().parent == folder


def others_may_write(folder):
    folder.mkdir()
    folder.chmod(0o777)


def is_a_link(folder):
    (folder.parent / "elsewhere").mkdir(mode=0o700)
    folder.symlink_to(folder.parent / "elsewhere")


def belongs_to_somebody_else(folder):
    folder.mkdir(mode=0o700)
    try:
        os.chown(folder, 54321, -1)
    except PermissionError:
        pytest.skip("only root can give a folder away")


@pytest.mark.parametrize("trap", [others_may_write, is_a_link, belongs_to_somebody_else])
def test_a_temporary_folder_that_others_could_have_filled_is_not_used(tmp_path, trap):
    trap(tmp_path / f"manned-{os.getuid()}")
    assert str(tmp_path) not in str(chosen())


# -- a bad cache ------------------------------------------------------------

TINY = """
import logging, sys, types
from pathlib import Path
import manned

engine = types.ModuleType("manned.engine")  # the cache without what it is for, which takes a minute to compile
engine.__path__ = [str(Path(manned.__file__).parent / "engine")]
sys.modules["manned.engine"] = engine
logging.basicConfig(format="%(message)s")
{before}
from manned.engine.cache import choose_cache
choose_cache()
import numba as nb

@nb.njit("float64(float64)", cache=True)
def half(x):
    return x / 2

@nb.cfunc("float64(float64)", cache=True)
def callback(x):
    return half(x) + 1

assert half(3.0) == 1.5 and callback.ctypes(3.0) == 2.5
print(sum(half.stats.cache_hits.values()) + callback.cache_hits, "of 2 from the cache")
"""


def start(script, cache, before=""):
    """Start a program of two compiled functions; returns how many came from the cache, and what it logged."""
    script.write_text(TINY.format(before=before))
    environment = {
        **{name: value for name, value in os.environ.items() if "CACHE" not in name},
        "NUMBA_CACHE_DIR": str(cache),
        "PYTHONPATH": str(Path(manned.__file__).parent.parent),
    }
    found = subprocess.run([sys.executable, script], env=environment, capture_output=True, text=True, check=False)
    assert found.returncode == 0, found.stderr
    return int(found.stdout[0]), found.stderr.splitlines()


@pytest.fixture(scope="module")
def script(tmp_path_factory):
    """Where the program lies: numba knows functions by their file."""
    return tmp_path_factory.mktemp("program") / "tiny.py"


@pytest.fixture(scope="module")
def good(tmp_path_factory, script):
    """A good cache."""
    cache = tmp_path_factory.mktemp("good")
    assert start(script, cache)[0] == 0
    assert start(script, cache) == (2, [])
    return cache


def emptied(content):
    return b""


def halved(content):
    return content[: len(content) // 2]


def with_a_page_of_zeros(content):
    middle = len(content) // 2
    return content[:middle] + bytes(min(4096, len(content) - middle)) + content[middle + 4096 :]


def with_one_bit_turned(content):
    return content[:-100] + bytes([content[-100] ^ 1]) + content[-99:]


def all_zeros(content):
    return bytes(len(content))


@pytest.mark.parametrize("damaged", [emptied, halved, with_a_page_of_zeros, with_one_bit_turned, all_zeros])
def test_a_damaged_cache_is_compiled_again_and_good_from_then_on(script, good, tmp_path, damaged):
    """Of one function the index is damaged, of the other the code."""
    shutil.copytree(good, tmp_path, dirs_exist_ok=True)
    for name in ("half-*.nbi", "callback-*.nbc"):
        (path,) = tmp_path.rglob(f"tiny.{name}")
        path.write_bytes(damaged(path.read_bytes()))
    hits, log = start(script, tmp_path)
    assert hits == 0 and len(log) == 1 and "damaged" in log[0]
    assert start(script, tmp_path) == (2, [])


def test_a_cache_without_its_code_is_compiled_again(script, good, tmp_path):
    shutil.copytree(good, tmp_path, dirs_exist_ok=True)
    for path in tmp_path.rglob("*.nbc"):
        path.unlink()
    assert start(script, tmp_path) == (0, [])
    assert start(script, tmp_path) == (2, [])


FULL_DISK = "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100))"
"""No file of more than 100 bytes can be written, as on a disk that is about to be full."""


def test_on_a_full_disk_the_start_goes_on_without_a_cache(script, tmp_path):
    hits, log = start(script, tmp_path, FULL_DISK)
    assert hits == 0 and len(log) == 1 and "cannot be kept" in log[0]
    assert start(script, tmp_path)[0] == 0
    assert start(script, tmp_path) == (2, [])


NOWHERE = """
import os, tempfile
tempfile.tempdir = "/dev/null/nowhere"
for name in ("HOME", "XDG_CACHE_HOME"):
    os.environ[name] = "/dev/null/nowhere"
"""


def test_where_nothing_can_be_written_every_start_compiles(script):
    for _ in range(2):
        hits, log = start(script, "/dev/null/nowhere", NOWHERE)
        assert hits == 0 and len(log) == 1 and "every start compiles" in log[0]


def test_a_file_in_the_place_of_the_folder_is_passed_over(script, tmp_path):
    (tmp_path / "cache").write_text("no folder")
    before = f"import os; os.environ['XDG_CACHE_HOME'] = {str(tmp_path / 'second')!r}"
    assert start(script, tmp_path / "cache", before)[0] == 0
    assert start(script, tmp_path / "cache", before) == (2, [])


def test_folders_of_other_versions_go_when_nobody_used_them_for_thirty_days(tmp_path, monkeypatch):
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path))
    for name, days in (("engine-0123456789abcdef", 31), ("engine-fedcba9876543210", 29), ("other", 99)):
        (tmp_path / name).mkdir()
        (tmp_path / name / "code.nbc").write_bytes(b"code")
        os.utime(tmp_path / name, (time.time() - days * 86400,) * 2)
    used = chosen()
    os.utime(used, (time.time() - 40 * 86400,) * 2)
    assert chosen() == used
    assert {folder.name for folder in tmp_path.iterdir()} == {used.name, "engine-fedcba9876543210", "other"}
