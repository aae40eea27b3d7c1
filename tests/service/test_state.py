"""The running program is, after a restart, as it was left."""

import random
import signal
import socket
import time

import pytest
import soundfile
from running import RunningManned
from small_decoder import small_decoder_file

from manned.config import load_config
from manned.control.osc.packet import write_message
from manned.errors import PresetError
from manned.service.beginning import choose_beginning
from manned.state import kept
from manned.state.preset import Preset
from manned.state.preset_folder import PresetFolder


def answers(manned, *addresses):
    return [manned.ask(address) for address in addresses]


def set_some(manned):
    for words in (
        ("/latents", 0.25, 0.75),
        ("/gain", 0.5),
        ("/tuning/scale", "just"),
        ("/gesture", "celesta"),
        ("/macro/2/name", "Bite"),
        ("/gate", 1),
    ):
        manned.send(*words)


SOME = ("/latents", "/gain", "/tuning/scale", "/gesture", "/macro/2/name", "/gate")


def test_what_was_set_is_there_after_a_stop_and_settings_that_are_given_count(tmp_path):
    with RunningManned(tmp_path) as manned:
        set_some(manned)
        before = answers(manned, *SOME[:-1])
        assert manned.end() == 0
    with RunningManned(tmp_path) as manned:
        assert answers(manned, *SOME) == [*before, "0"]
        assert "nothing to undo" in manned.send("/undo").stderr
    options = ("--set", "start.gain=0.25", "--set", "tuning.scale=meantone")
    with RunningManned(tmp_path, *options) as manned:
        assert answers(manned, "/gain", "/tuning/scale") == ["0.25", "meantone"]
        assert manned.ask("/latents") == before[0]
    with RunningManned(tmp_path, "--set", "state.start=default") as manned:
        assert manned.ask("/gain") == "0.7"


def test_a_preset_that_is_asked_for_wins(tmp_path):
    with RunningManned(tmp_path) as manned:
        manned.send("/latents", 0.1, 0.2)
        manned.send("/preset/save", "mine")
        manned.send("/latents", 0.3, 0.4)
        manned.send("/gain", 0.5)
    with RunningManned(tmp_path, "--preset", "mine") as manned:
        assert answers(manned, "/latents", "/preset/load") == ["0.1 0.2", "mine"]
        assert manned.ask("/gain") == "0.5"  # no preset has one
    with RunningManned(tmp_path, "--set", "state.start=mine") as manned:
        assert answers(manned, "/latents", "/gain") == ["0.1 0.2", "0.7"]
    with RunningManned(tmp_path, "--set", "state.start=gone") as manned:
        assert manned.ask("/latents") == "0.5 0.5"
        assert "state: state.start: preset 'gone': no such preset" in manned.log.read_text()


def test_a_kill_costs_the_last_five_seconds_at_most(tmp_path):
    with RunningManned(tmp_path) as manned, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
        udp.connect(("127.0.0.1", manned.port))
        begun, told, ends = time.monotonic(), [], random.uniform(6.0, 9.0)
        while time.monotonic() < begun + ends:
            told.append((time.monotonic(), len(told) / 1000))
            udp.send(write_message("/latent/1", told[-1][1]))
            time.sleep(0.05)
        manned.process.send_signal(signal.SIGKILL)
        ended = time.monotonic()
        manned.process.wait()
    at = max(at for at, value in told if value <= kept.read(tmp_path / "state").sound.values["latent/1"] + 1e-6)
    with RunningManned(tmp_path) as manned:
        found = float(manned.ask("/latent/1"))
    assert found == pytest.approx(max(value for moment, value in told if moment <= at))
    assert ended - at < 5.0


def test_what_cannot_be_read_is_one_line_and_it_plays(tmp_path):
    (tmp_path / "state").mkdir()
    (tmp_path / "state" / kept.FILE).write_text('{"format": 1, "pre')
    with RunningManned(tmp_path) as manned:
        assert manned.ask("/latents") == "0.5 0.5"
        said = [line for line in manned.log.read_text().splitlines() if "state" in line]
        assert len(said) == 1 and "last.json: cannot be read (" in said[0]
        manned.send("/latents", 0.25, 0.75)
    with RunningManned(tmp_path) as manned:
        assert manned.ask("/latents") == "0.25 0.75"


def test_the_model_comes_back_and_a_given_one_is_told(tmp_path):
    with RunningManned(tmp_path) as manned:
        assert manned.send("/model", "atlas-spectrum").stdout.startswith("/done")
        manned.send("/latents", 0.1, 0.2, 0.3)
    # Of the settings here, the model is given on the command line, so it counts.
    with RunningManned(tmp_path) as manned:
        assert manned.ask("/model") == "small"
        line = "the sound belongs to model atlas-spectrum with 8 latents, small with 2 begins anew"
        assert line in manned.log.read_text()


@pytest.fixture
def left(tmp_path):
    """A state that was left with the model ``other``, and what reads the settings and chooses how to begin."""
    for name in ("small", "other"):
        small_decoder_file(tmp_path, name)
    values = {"model.name": "small", "tuning.scale": "", "tuning.keyboard": ""}
    state = kept.Kept(Preset("", "other", 2, {"latent/1": 0.25}, whole=True), {"gain": 0.5}, "just", "", values)
    kept.write(tmp_path / "state", kept.to_bytes(state))
    toml = tmp_path / "own.toml"

    def begin(*overrides, name="small", preset=None, scored=False):
        folders = f"folders = ['{tmp_path}']"
        toml.write_text(f"[state]\nfolder = '{tmp_path}/state'\n[model]\nname = '{name}'\n{folders}\n")
        return choose_beginning(load_config(toml, overrides, environment={}), preset, scored)

    return begin


def test_the_model_that_was_played_comes_back(left, tmp_path):
    assert left().config.model.name == "other"
    assert left().keeps
    (tmp_path / "other.safetensors").unlink()
    assert left().config.model.name == "small"


def test_a_model_that_is_given_or_has_changed_in_the_settings_counts(left, tmp_path):
    assert left("model.name=small").config.model.name == "small"
    assert left(name="atlas").config.model.name == "atlas"
    (tmp_path / "elsewhere").mkdir()
    path = small_decoder_file(tmp_path / "elsewhere", "other")
    assert left(f"model.name={path}").config.model.name == str(path)


def test_a_score_and_a_fixed_start_read_nothing_and_keep_nothing(left):
    for beginning in (left(scored=True), left("state.start=default")):
        assert (beginning.last, beginning.keeps, beginning.config.model.name) == (None, False, "small")


def test_a_preset_brings_its_model(left, tmp_path):
    PresetFolder(tmp_path / "state" / "presets").write(Preset("mine", "other", 2, {}))
    assert left("model.name=small", preset="mine").config.model.name == "small"
    asked, fixed = left(preset="mine"), left("state.start=mine")
    assert [one.config.model.name for one in (asked, fixed)] == ["other", "other"]
    assert [one.preset for one in (asked, fixed)] == ["mine", "mine"]
    assert [one.last is None for one in (asked, fixed)] == [False, True]
    with pytest.raises(PresetError, match="'nobody': no such preset"):
        left(preset="nobody")


def test_a_score_begins_as_its_render_does_and_leaves_what_was_kept(tmp_path):
    score = tmp_path / "score.txt"
    score.write_text("0 /latent/1 0.9\n")
    with RunningManned(tmp_path) as manned:
        manned.send("/latents", 0.25, 0.75)
    with RunningManned(tmp_path, "--score", score) as manned:
        time.sleep(0.5)
        assert manned.ask("/latents") == "0.9 0.5"
    with RunningManned(tmp_path) as manned:
        assert manned.ask("/latents") == "0.25 0.75"


def test_it_records_while_it_plays(tmp_path):
    with RunningManned(tmp_path) as manned:
        assert manned.ask("/record") == "0"
        manned.send("/gate", 1)
        assert manned.send("/record", 1, "take").stdout.strip() == "/done /record take.wav"
        assert manned.ask("/record") == "1 take.wav"
        assert manned.send("/record", 1, "../x").returncode
        time.sleep(0.5)
        assert manned.send("/record", 0).stdout.strip() == "/done /record take.wav"
        assert manned.ask("/record") == "0"
    heard, _ = soundfile.read(tmp_path / "state" / "recordings" / "take.wav")
    assert 0.4 * 44100 < len(heard) and abs(heard).max() > 0.01
