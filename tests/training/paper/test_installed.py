"""What is built holds all that it reads: the paper's experiments run without a checkout."""

import os
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
SKIPPED = shutil.ignore_patterns("__pycache__", ".*", "*.egg-info", "build", "dist", "corpora", "models")


def setup(source, *arguments):
    command = [sys.executable, "-c", "import setuptools; setuptools.setup()", "--quiet", *map(str, arguments)]
    done = subprocess.run(command, cwd=source, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


@pytest.fixture(scope="module")
def source(tmp_path_factory):
    """A copy of the checkout, in which building leaves its traces."""
    return shutil.copytree(ROOT, tmp_path_factory.mktemp("source") / "manned", symlinks=True, ignore=SKIPPED)


@pytest.fixture(scope="module")
def installed(source, tmp_path_factory):
    """A folder of the packages as a wheel installs them."""
    folder = tmp_path_factory.mktemp("site-packages")
    setup(source, "build_py", "--build-lib", folder)
    return folder


def files_of(*packages):
    return {path for package in packages for path in package.rglob("*") if path.is_file() and path.suffix != ".pyc"}


def run(installed, folder, *arguments):
    return subprocess.run(
        [sys.executable, "-m", "training.cli", *map(str, arguments)],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(installed)},
        capture_output=True,
        text=True,
        timeout=240,
    )


def test_every_file_of_the_packages_is_installed(source, installed):
    wanted = {path.relative_to(source) for path in files_of(source / "manned", source / "training")}
    assert {str(path) for path in wanted} == {str(path.relative_to(installed)) for path in files_of(installed)}


def test_the_source_archive_holds_what_is_needed_to_read_and_test_it(source, tmp_path):
    setup(source, "sdist", "--formats", "gztar", "--dist-dir", tmp_path)
    (archive,) = tmp_path.iterdir()
    with tarfile.open(archive) as opened:
        held = {name.partition("/")[2] for name in opened.getnames()}
    for folder in ("configs", "docs", "examples", "systemd", "tests", "benchmarks"):
        wanted = {path.relative_to(source) for path in files_of(source / folder)}
        assert {str(path) for path in wanted if path.parts[:2] != ("configs", "corpora")} <= held
    assert {"README.md", "CHANGELOG.md", "LICENSE", "Makefile", "tests/conftest.py"} <= held


def test_source_lists_come_with_it(installed, tmp_path):
    listed = run(installed, tmp_path, "sounds", "lists")
    assert listed.returncode == 0, listed.stderr
    assert f"one-octave: {installed}/training/corpus/source_lists/one-octave.toml" in listed.stdout.splitlines()


def test_a_model_of_the_paper_is_made_from_it(installed, corpus, tmp_path):
    (tmp_path / "corpora").mkdir()
    (tmp_path / "corpora" / "one-octave").symlink_to(corpus.folder)
    made = run(installed, tmp_path, "reproduce", "one-octave-2-leaky", "--recipe", "paper", "--epochs", 1)
    assert made.returncode == 0, made.stderr
    assert (tmp_path / "docs" / "results" / "README.md").is_file()
    assert (tmp_path / "models" / "one-octave-2-leaky-paper-1-epochs" / "best.safetensors").is_file()
