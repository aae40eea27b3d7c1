"""What the examples and the documentation promise, tried on a running instrument."""

import re
import shlex
import subprocess
import sys
import time
from pathlib import Path

import pytest
import soundfile
from running import RunningManned, command
from small_decoder import small_decoder_file

ROOT = Path(__file__).parents[1]
EXAMPLES = ROOT / "examples"


@pytest.fixture
def recorded(tmp_path):
    """A running instrument that records; its take after the end."""
    take = tmp_path / "take.wav"
    with RunningManned(tmp_path, "--record", take) as running:
        running.take = take
        yield running


def counts(running):
    words = running.send("/status").stdout.split()
    return {name: int(words[words.index(name) + 1]) for name in ("osc_rejected", "osc_errors", "dropped_events")}


def assert_nothing_was_refused(running):
    assert counts(running) == {"osc_rejected": 0, "osc_errors": 0, "dropped_events": 0}


def assert_something_was_heard(running):
    assert running.end() == 0
    sound, _ = soundfile.read(running.take)
    assert abs(sound).max() > 0.02


def test_the_shell_example_plays(recorded):
    subprocess.run([EXAMPLES / "play.sh", "127.0.0.1", str(recorded.port)], check=True)
    assert (recorded.ask("/chroma"), recorded.ask("/octave"), recorded.ask("/gate")) == ("9", "3", "0")
    assert recorded.ask("/xy") == "0.5 0.1"
    assert_nothing_was_refused(recorded)
    assert_something_was_heard(recorded)


def test_the_pure_data_patch_plays_and_prints_what_is_answered(recorded, tmp_path):
    patch = tmp_path / "manned.pd"
    patch.write_text((EXAMPLES / "manned.pd").read_text().replace("57130", str(recorded.port)))
    moves = ("latent-1 0.8", "latent-2 0.3", "chroma 9", "gate 1", "note 62 100", "ask bang")
    sends = [word for move in moves for word in ("-send", move)]
    pd = ["pd", "-nogui", "-noaudio", "-nomidi", "-stderr", *sends, patch]
    with subprocess.Popen(pd, stderr=subprocess.PIPE, text=True) as process:
        line = process.stderr.readline()
        while "status.reply" not in line:
            assert line, "Pd ended"
            line = process.stderr.readline()
        process.terminate()
    assert "manned: status.reply" in line and "model small" in line
    assert [recorded.ask(address) for address in ("/latents", "/chroma", "/gate")] == ["0.8 0.3", "9", "1"]
    time.sleep(0.3)
    assert_nothing_was_refused(recorded)
    assert_something_was_heard(recorded)


@pytest.mark.parametrize("score", ["drone.txt", "tune.mid"])
def test_the_example_scores_can_be_rendered(tmp_path, score):
    small_decoder_file(tmp_path)
    settings = ("--set", f"model.folders={tmp_path}", "--model", "small")
    told = command("render", EXAMPLES / score, "-o", tmp_path / "out.wav", *settings)
    assert told.returncode == 0
    sound, _ = soundfile.read(tmp_path / "out.wav")
    assert abs(sound).max() > 0.05


def test_the_tune_is_what_its_script_writes(tmp_path):
    subprocess.run([sys.executable, EXAMPLES / "make_tune.py", tmp_path / "tune.mid"], check=True)
    assert (tmp_path / "tune.mid").read_bytes() == (EXAMPLES / "tune.mid").read_bytes()


def test_every_message_that_the_readme_sends_is_understood(tmp_path):
    small_decoder_file(tmp_path, "mine")
    lines = re.findall(
        r"manned (send /(?!address)[^`\n]*)",
        "".join(page.read_text() for page in (ROOT / "README.md", ROOT / "docs" / "playing.md")),
    )
    with RunningManned(tmp_path) as running:
        for line in lines:
            told = running.send(*shlex.split(line, comments=True)[1:])
            assert (told.returncode, told.stderr) == (0, ""), line
    assert len(lines) > 5


PAGES = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]


def anchors(page):
    """What a link may name in a page: its headings as web pages name them."""
    headings = re.findall(r"^#+ (.*)$", page.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_in_the_documentation_lead_somewhere(page):
    for link, anchor in re.findall(r"\]\((?!https?:)([^)#]*)#?([^)]*)\)", page.read_text()):
        target = page.parent / link if link else page
        assert target.exists(), link
        assert not anchor or anchor in anchors(target), f"{link}#{anchor}"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_files_that_the_documentation_names_are_there(page):
    rooms = "manned|training|tests|benchmarks|docs|configs|examples|systemd"
    for name in re.findall(rf"`((?:{rooms})/[\w./-]*)`", page.read_text()):
        assert (ROOT / name).exists(), name
