"""Files are written whole or not at all, and read with bounds."""

import fcntl
import os
import signal
import subprocess
import sys
import time

import pytest

from manned import files

KILLED_WHILE_WRITING = """
import sys, time
from manned import files
with files.replacing(sys.argv[1]) as part:
    part.write_bytes(b"half")
    print("writing", flush=True)
    time.sleep(60)
"""


def test_a_file_that_could_not_be_written_whole_stays_as_it_was(tmp_path):
    path = tmp_path / "preset.json"
    files.write_text(path, "old")
    with pytest.raises(ZeroDivisionError), files.replacing(path) as part:
        part.write_text("new")
        raise ZeroDivisionError
    assert path.read_text() == "old" and os.listdir(tmp_path) == ["preset.json"]


def test_what_a_killed_process_left_is_removed_by_the_next_that_writes(tmp_path):
    path = tmp_path / "preset.json"
    files.write_text(path, "old")
    with subprocess.Popen([sys.executable, "-c", KILLED_WHILE_WRITING, path], stdout=subprocess.PIPE) as writer:
        writer.stdout.readline()
        files.write_text(tmp_path / "other.json", "beside a living writer")
        assert len(os.listdir(tmp_path)) == 3
        writer.send_signal(signal.SIGKILL)
    assert path.read_text() == "old"
    files.write_text(path, "new")
    assert sorted(os.listdir(tmp_path)) == ["other.json", "preset.json"] and path.read_text() == "new"


def test_a_former_file_is_kept_whole(tmp_path):
    path = tmp_path / "dawn.json"
    files.keep_former(path)
    files.write_text(path, "first")
    files.keep_former(path)
    files.write_text(path, "second")
    assert (tmp_path / "dawn.json~").read_text() == "first" and path.read_text() == "second"


def test_a_file_that_is_being_written_is_locked_and_keeps_its_suffix(tmp_path):
    with files.replacing(tmp_path / "take.wav") as part, open(part, "rb") as other:
        assert part.suffix == ".wav" and part.name.startswith(".")
        with pytest.raises(BlockingIOError):
            fcntl.flock(other, fcntl.LOCK_EX | fcntl.LOCK_NB)


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_a_byte_order_mark_is_no_part_of_the_text(tmp_path, mark):
    path = tmp_path / "manned.toml"
    path.write_bytes(mark + b"[osc]\nport = 1\n")
    assert files.read_text(path).startswith("[osc]") and files.read_toml(path) == {"osc": {"port": 1}}


def test_what_cannot_be_read_is_an_error_with_a_reason(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "large").write_bytes(bytes(11))
    (tmp_path / "latin").write_bytes(b"caf\xe9")
    (tmp_path / "bad.toml").write_text("port 1")
    (tmp_path / "inside").mkdir()
    (tmp_path / "inside" / "link").symlink_to(tmp_path / "large")
    began = time.monotonic()
    for read, name, reason in (
        (files.read_bytes, "pipe", "it is no regular file"),
        (files.read_bytes, "inside", "it is a folder"),
        (files.read_text, "latin", "it is no text in UTF-8, see byte 3"),
        (files.read_toml, "bad.toml", "it is not valid TOML"),
        (lambda path: files.read_bytes(path, 10), "large", "it is larger than 10 bytes"),
        (lambda path: files.read_bytes(path, inside=path.parent), "inside/link", "it leads out of"),
    ):
        with pytest.raises(OSError) as error:
            read(tmp_path / name)
        assert error.value.strerror.startswith(reason)
    assert time.monotonic() - began < 5


def test_a_folder_that_is_closed_or_missing_holds_nothing(tmp_path):
    closed = tmp_path / "closed"
    closed.mkdir()
    (closed / "five.scl").touch()
    script = (
        "import os, sys\nfrom manned import files\nos.setgid(65534); os.setuid(65534)\n"
        "print(files.entries(sys.argv[1]), files.is_file(sys.argv[1] + '/five.scl'))"
    )
    tmp_path.chmod(0o755)
    closed.chmod(0o700)
    assert files.entries(tmp_path / "missing") == []
    assert files.entries(closed) == [closed / "five.scl"]
    if os.getuid() == 0:
        told = subprocess.run([sys.executable, "-c", script, closed], capture_output=True, text=True, check=False)
        assert told.stdout.strip() == "[] False"


def test_names_that_are_no_utf8_are_listed_and_shown(tmp_path):
    name = os.fsencode(tmp_path) + b"/\xfb.WAV"
    open(name, "wb").close()
    (found,) = files.entries(tmp_path)
    assert files.shown(found).endswith("\\xfb.WAV") and files.shown(found).isprintable()
    assert files.has_suffix(found, ".wav") and os.fsencode(files.stem(found, ".wav")) == b"\xfb"
