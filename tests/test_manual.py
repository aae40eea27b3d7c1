"""The manual pages, read by man itself."""

import re
import shutil
import subprocess

import pytest

from manned.cli import main
from manned.manual import pages, write


@pytest.fixture
def folder(tmp_path):
    write(tmp_path / "man1")
    return tmp_path


def test_every_command_has_a_page(folder):
    written = {path.name for path in (folder / "man1").iterdir()}
    assert written == {"manned.1", *(f"manned-{name}.1" for name in main.commands)}


def test_a_page_tells_every_option():
    for name, text in pages():
        command = main.commands.get(name.removesuffix(".1").partition("-")[2], main)
        for parameter in command.params:
            for option in parameter.opts if parameter.param_type_name == "option" else ():
                assert option.replace("-", "\\-") in text, (name, option)


@pytest.mark.skipif(shutil.which("man") is None, reason="man is not installed")
def test_man_shows_the_pages_without_a_complaint(folder):
    for path in (folder / "man1").iterdir():
        told = subprocess.run(
            ["man", "--warnings", "-l", path], capture_output=True, text=True,
            env={"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "MANWIDTH": "80"},
        )  # fmt: skip
        assert (told.returncode, told.stderr) == (0, ""), path.name
        text = re.sub(r".\x08", "", told.stdout)
        assert "NAME" in text and "SYNOPSIS" in text
        if path.name == "manned-send.1":
            assert "manned send /preset/save '\"7\"'" in text
