"""Presets keep what is set, come back in one block, and never lose a file."""

import json
import os
import threading

import numpy as np
import pytest
from harmonic_decoder import harmonic_decoder
from session import Session
from small_decoder import small_decoder

from manned import events
from manned.errors import ParameterError, PresetError
from manned.state.preset import Preset
from manned.state.preset_folder import MAX_PRESETS, PresetFolder
from manned.state.presets import Presets


@pytest.fixture
def session(tmp_path):
    return Session(small_decoder(), tmp_path / "state")


def preset(name, model="small", latents=2, **values):
    return Preset(name, model, latents, {key.replace("_", "/"): value for key, value in values.items()})


def test_a_preset_brings_everything_back_that_belongs_to_a_sound(session):
    session.send("/latents", 0.25, 0.75)
    for address, value in (
        ("/chroma", "F#"),
        ("/octave", 3),
        ("/env/release", 2.0),
        ("/lfo/2/depth", 0.5),
        ("/hop", 256),
    ):
        session.send(address, value)
    before = session.instrument.values()
    assert session.send("/preset/save", "Glass bells") == [("/done", "/preset/save", "Glass bells")]
    session.send("/latents", 1.0, 1.0)
    session.send("/chroma", 0)
    session.send("/env/release", 0.1)
    session.send("/lfo/2/depth", 0.0)
    session.send("/hop", 1024)
    assert session.send("/preset/load", "Glass bells") == [("/done", "/preset/load", "Glass bells")]
    assert session.instrument.values() == before


def test_a_mixture_of_pitch_classes_comes_back_and_ends(session):
    session.send("/preset/save", "plain")
    weights = [0.5, 0, 0, 0, 0.25, 0, 0, 1.0, 0, 0, 0, 0]
    session.send("/chroma/weights", *weights)
    session.send("/preset/save", "mixed")
    session.send("/preset/load", "plain")
    assert session.instrument.chroma_weights() == [1.0] + [0.0] * 11
    session.send("/preset/load", "mixed")
    assert session.instrument.chroma_weights() == weights


@pytest.mark.parametrize(("name", "value"), [("gain", 0.125), ("expression", 0.5), ("gate", True), ("bend", -0.5)])
def test_what_belongs_to_the_moment_is_in_no_preset(session, name, value):
    session.send("/preset/save", "a")
    session.send("/" + name, value)
    session.send("/preset/load", "a")
    assert session.instrument.get(name) == value


def test_a_jump_is_one_block(session):
    session.send("/preset/save", "a")
    session.send("/latents", 1.0, 1.0)
    session.engine.handed.clear()
    session.send("/preset/load", "a")
    (block,) = session.engine.handed
    assert {event.when for event in block} == {None}
    kinds = [event.kind for event in block]
    assert kinds.count(events.LATENT) == 2 and kinds.index(events.GLIDE) < kinds.index(events.LATENT)


def test_a_jump_in_a_dated_bundle_keeps_its_sample(session):
    session.send("/preset/save", "a")
    session.engine.handed.clear()
    session.send_all(("/preset/load", "a"), ("/gate", 1), when=7000)
    (block,) = session.engine.handed
    assert {event.when for event in block} == {7000}


def test_a_jump_does_not_click(session):
    session.send("/gate", 1)
    session.send("/latents", 0.0, 0.5)
    session.send("/preset/save", "dark")
    session.send("/latents", 1.0, 0.5)
    session.engine.render(22050)
    steady = session.engine.render(8192)[:, 0]
    session.send("/preset/load", "dark")
    jump = session.engine.render(8192)[:, 0]
    assert high_band(jump) < 1.5 * high_band(steady)


def high_band(signal):
    """Strongest energy above 10 kHz in windows of 256 samples."""
    windows = signal[: len(signal) // 256 * 256].reshape(-1, 256) * np.hanning(256)
    return np.abs(np.fft.rfft(windows, axis=1))[:, 58:].max()


def test_a_preset_saved_a_moment_ago_can_be_loaded_in_the_same_bundle(session):
    answers = session.send_all(
        ("/latent/1", 0.2), ("/preset/save", "a"), ("/latent/1", 0.9), ("/preset/load", "a"), ("/preset/load",)
    )
    assert session.instrument.get("latent/1") == 0.2
    assert ("/preset/load", "a") in answers and ("/done", "/preset/save", "a") in answers


def test_next_and_prev_go_round_in_alphabetical_order(session):
    for name, value in (("b", 0.2), ("A", 0.1), ("c", 0.3)):
        session.send("/latent/1", value)
        session.send("/preset/save", name)
    assert session.send("/preset/list") == [("/preset/list", "A", "b", "c")]
    found = [session.send("/preset/next")[0][2] for _ in range(3)] + [session.send("/preset/prev")[0][2]]
    assert found == ["A", "b", "c", "b"]
    assert session.instrument.get("latent/1") == 0.2


def test_a_number_means_a_place_in_the_list(session):
    for name in ("one", "two"):
        session.send("/preset/save", name)
    assert session.send("/preset/load", 0) == [("/done", "/preset/load", "one")]
    assert session.send("/preset/delete", 1) == [("/done", "/preset/delete", "two")]
    for number in (1, -1, 2**40):
        assert session.send("/preset/load", number)[0][:2] == ("/fail", "/preset/load")
    with pytest.raises(ParameterError, match="preset: found 0.5, allowed is a name or a whole number"):
        session.send("/preset/load", 0.5)


@pytest.mark.parametrize(
    "name", ["", "../a", "/etc/passwd", ".a", "a.json", "a\0", "a\nb", " a", "a ", "x" * 49, "CON:"]
)
def test_a_name_is_a_plain_word_and_no_path(session, name):
    for address in ("/preset/save", "/preset/load", "/preset/delete"):
        ((answer, about, text),) = session.send(address, name)
        assert (answer, about) == ("/fail", address)
        assert "letters, digits, spaces" in text
    assert session.presets.names() == []


@pytest.mark.parametrize("name", ["Glöckchen 2", "a-b_c", "鐘", "7"])
def test_a_name_may_be_of_any_language(session, name):
    session.send("/preset/save", name)
    assert session.send("/preset/list") == [("/preset/list", name)]
    assert session.send("/preset/load", name) == [("/done", "/preset/load", name)]


def test_without_a_folder_nothing_is_kept_and_that_is_said(session):
    presets = Presets(session.instrument)
    with pytest.raises(PresetError, match="^preset 'a': this instrument has no folder for presets$"):
        presets.snapshot("a")
    assert presets.names() == []
    with pytest.raises(PresetError, match="^presets: there are none yet, /preset/save keeps one$"):
        presets.beside(1)


@pytest.mark.parametrize(
    ("latents", "remark"),
    [
        (3, "made on other with 3 latents, small takes the first 2"),
        (9, "made on other with 9 latents, small takes the first 2"),
        (1, "made on other with 1 latents, the others of small stay as they were"),
        (2, "made on other, played by small"),
    ],
)
def test_a_preset_of_another_model_says_what_it_did(session, latents, remark):
    values = {f"latent/{i}": 0.25 for i in range(1, latents + 1)} | {"chroma": 9}
    session.presets.write(Preset("theirs", "other", latents, values))
    session.send("/latents", 0.75, 0.75)
    assert session.send("/preset/load", "theirs") == [("/done", "/preset/load", "theirs", remark)]
    assert session.latents() == [0.25, 0.25 if latents > 1 else 0.75]
    assert session.instrument.get("chroma") == 9


def test_values_outside_their_range_are_clamped_and_unknown_ones_left_alone(session):
    session.presets.write(preset("wild", latent_1=7.0, env_attack=-1, gain=0.0, theremin=1))
    session.send("/preset/load", "wild")
    assert session.instrument.get("latent/1") == 1.0
    assert session.instrument.get("env/attack") == 0.0
    assert session.instrument.get("gain") == 0.7


BROKEN = {
    "nothing": b"",
    "a word": b"null",
    "no JSON": b"\xff\xfe{",
    "not a number": b'{"format": 1, "model": "small", "latents": 2, "values": {"latent/1": NaN}}',
    "a list": b'{"format": 1, "model": "small", "latents": 2, "values": {"latent/1": [1]}}',
    "a word for a number": b'{"format": 1, "model": "small", "latents": 2, "values": {"latent/2": "much"}}',
    "weights": b'{"format": 1, "model": "small", "latents": 2, "values": {}, "chroma weights": [1, 2]}',
    "another format": b'{"format": 3, "model": "small", "latents": 2, "values": {}}',
    "nested": b"[" * 60_000,
    "huge": b" " * 70_000 + b"{}",
}


@pytest.mark.parametrize("content", BROKEN.values(), ids=BROKEN)
def test_a_damaged_file_changes_nothing(session, content):
    session.send("/preset/save", "a")
    (session.presets.folder / "a.json").write_bytes(content)
    session.send("/latents", 0.1, 0.2)
    before = session.instrument.values()
    session.engine.handed.clear()
    ((answer, about, text),) = session.send("/preset/load", "a")
    assert (answer, about) == ("/fail", "/preset/load") and "preset" in text and "\n" not in text
    assert session.instrument.values() == before and not any(session.engine.handed)


def test_the_former_file_stays_beside_one_that_is_written_over_or_deleted(tmp_path):
    folder = PresetFolder(tmp_path)
    for value in (0.1, 0.2):
        folder.write(preset("a", latent_1=value))
    former = tmp_path / "a.json~"
    assert json.loads(former.read_bytes())["values"] == {"latent/1": 0.1}
    folder.delete("a")
    assert json.loads(former.read_bytes())["values"] == {"latent/1": 0.2}
    assert folder.names() == []


def test_a_file_that_cannot_be_written_leaves_the_old_one(tmp_path, monkeypatch):
    folder = PresetFolder(tmp_path)
    folder.write(preset("a", latent_1=0.1))

    def full(handle):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(PresetError, match="No space left"):
        folder.write(preset("a", latent_1=0.9))
    assert folder.read("a").values == {"latent/1": 0.1}
    assert [path.name for path in tmp_path.iterdir()] == ["a.json"]


def test_whoever_reads_while_it_is_written_finds_it_whole(tmp_path):
    folder = PresetFolder(tmp_path)
    folder.write(preset("a", latent_1=0.0))
    writing = threading.Thread(target=lambda: [folder.write(preset("a", latent_1=i / 100)) for i in range(100)])
    writing.start()
    while writing.is_alive():
        assert folder.read("a").values.keys() == {"latent/1"}
    writing.join()
    assert folder.read("a").values == {"latent/1": 0.99}


def test_no_more_presets_are_kept_than_can_be_looked_through(tmp_path):
    folder = PresetFolder(tmp_path)
    for number in range(MAX_PRESETS):
        (tmp_path / f"{number}.json").write_text("{}")
    with pytest.raises(PresetError, match="no more are kept"):
        folder.write(preset("one more"))
    folder.write(preset("7", latent_1=0.5))
    assert len(folder.names()) == MAX_PRESETS


def test_a_preset_of_sixty_four_latents_fits(tmp_path):
    session = Session(harmonic_decoder(latents=64), tmp_path)
    assert session.send("/preset/save", "large")[0][0] == "/done"
    session.engine.handed.clear()
    assert session.send("/preset/load", "large")[0][0] == "/done"
    assert session.engine.status()["dropped_events"] == 0
