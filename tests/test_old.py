"""What version 0.1 wrote, its presets, settings and scores, is read and played still.

The files in ``tests/old`` were made with version 0.1 and are never made anew.
"""

import shutil
from dataclasses import replace
from pathlib import Path

import pytest
import soundfile

from manned.config import Config, load_config
from manned.control.score import Score
from manned.render import render
from manned.session import open_session
from manned.settings import ModelSettings, StateSettings

OLD = Path(__file__).parent / "old"


@pytest.fixture
def state(tmp_path):
    """A state folder with the old presets."""
    shutil.copytree(OLD / "presets", tmp_path / "presets")
    return tmp_path


def test_presets_come_back_with_every_value(state):
    config = Config(state=StateSettings(folder=str(state)), model=ModelSettings(name="atlas-0.1"))
    session = open_session(config)
    assert session.presets.names()[:2] == ["Glass bells", "mixture"]
    for name, weights in (("Glass bells", [float(place == 9) for place in range(12)]), ("mixture", None)):
        preset, remark = session.presets.load(name)
        assert remark == "" and len(preset.values) > 30
        assert {key: session.instrument.get(key) for key in preset.values} == preset.values
        assert session.instrument.chroma_weights() == (weights or list(preset.weights))
    assert session.instrument.get("gain") == 0.7


def test_a_preset_of_the_decoder_that_was_shipped_then_names_it_as_it_is_called_now(state):
    session = open_session(Config(state=StateSettings(folder=str(state))))
    preset, remark = session.presets.load("Glass bells")
    assert preset.model == "atlas-0.1" and preset.values["lfo/1/shape"] == "wander"
    assert remark == "made on atlas-0.1 with 3 latents, the others of atlas stay as they were"


def test_the_file_of_all_settings_says_the_same(monkeypatch):
    monkeypatch.delenv("XDG_DATA_HOME", raising=False)
    old = load_config(OLD / "manned.toml", environment={})
    new = load_config(environment={})
    assert {old.start[name] for name in ("latent/1", "phase")} == {0.5, "peaks"} and len(old.start) > 30
    assert old.library == new.library and old.preset_folder == new.preset_folder
    for section in ("audio", "osc", "state", "log"):
        assert getattr(old, section) == getattr(new, section)


def test_what_the_settings_say_of_controllers_counts_although_other_ones_are_the_default_now(monkeypatch):
    old = load_config(OLD / "manned.toml", environment={}).midi
    assert (old.pressure, old.timbre, old.cc["1"], old.cc["74"]) == ("latent/1", "latent/2", "latent/1", "latent/2")
    new = load_config(environment={}).midi
    assert replace(old, pressure=new.pressure, timbre=new.timbre, cc=new.cc) == new


@pytest.mark.parametrize("name", ["tour.txt", "tune.mid"])
def test_scores_play_to_their_end(state, name):
    config = load_config(OLD / "manned.toml", [f"state.folder={state}"], environment={})
    score = Score.load(OLD / name)
    rendered = render(score, state / "out.wav", config)
    sound, _ = soundfile.read(state / "out.wav")
    assert rendered.left_out == 0 and rendered.seconds >= min(score.seconds, 0.9)
    assert abs(sound).max() > 0.05
