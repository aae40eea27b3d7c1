"""Where compiled code is kept, and what is not trusted with it."""

import os
import pwd
import tempfile
from pathlib import Path

import numba
import pytest

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
