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
from manned.instrument import GESTURE
from manned.library import SHIPPED_PRESETS, Library
from manned.state.macros import checked
from manned.state.preset import Preset
from manned.state.preset_folder import MAX_PRESETS, PresetFolder
from manned.state.presets import Presets
from manned.table.parameters import parameter_table


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


# -- folders, kinds and what comes with the program -------------------------------


def shipped(tmp_path, **values):
    """A folder of presets that come with a program: two bells and a pad."""
    folder = PresetFolder(tmp_path / "shipped")
    for name, kinds in (("bells/Glass", ("bells", "bright")), ("bells/Iron", ("dark",)), ("pads/Dawn", ("warm",))):
        folder.write(Preset(name, "small", 2, {"latent/1": 0.25, **values}, whole=True, author="manned", kinds=kinds))
    return folder.folder


@pytest.fixture
def bank(session, tmp_path):
    """A session whose program comes with three presets."""
    session.presets.shipped = shipped(tmp_path)
    return session


def test_shipped_presets_stand_behind_those_without_a_folder(bank):
    bank.send("/preset/save", "zither")
    bank.send("/preset/save", "bells/Mine")
    names = ["zither", "bells/Glass", "bells/Iron", "bells/Mine", "pads/Dawn"]
    assert bank.send("/preset/list") == [("/preset/list", *names)]
    assert bank.send("/preset/load", 4) == [("/done", "/preset/load", "pads/Dawn")]
    assert [bank.send("/preset/next")[0][2], bank.send("/preset/prev")[0][2]] == ["zither", "pads/Dawn"]


def test_a_preset_of_ones_own_takes_the_place_of_a_shipped_one_and_gives_it_back(bank, tmp_path):
    before = sorted(path.name for path in (tmp_path / "shipped").rglob("*"))
    bank.send("/latent/1", 0.75)
    assert bank.send("/preset/save", "bells/Glass") == [("/done", "/preset/save", "bells/Glass")]
    mine = bank.presets.read("bells/Glass")
    assert (mine.values["latent/1"], mine.author, mine.kinds) == (0.75, "manned", ("bells", "bright"))
    assert (bank.presets.folder / "bells" / "Glass.json").is_file()
    assert len(bank.presets.names()) == 3
    assert bank.send("/preset/delete", "bells/Glass") == [("/done", "/preset/delete", "bells/Glass")]
    assert bank.presets.read("bells/Glass").values["latent/1"] == 0.25
    assert sorted(path.name for path in (tmp_path / "shipped").rglob("*")) == before


def test_a_shipped_preset_cannot_be_deleted_and_that_is_said(bank):
    ((answer, _, text),) = bank.send("/preset/delete", "pads/Dawn")
    assert answer == "/fail" and "it comes with the program and cannot be deleted" in text
    assert "pads/Dawn" in bank.presets.names()


@pytest.mark.parametrize("kind", ["bells", "BELLS"])
def test_a_list_may_be_of_a_folder_or_a_kind(bank, kind):
    listed, done = bank.send("/preset/list", kind)
    assert listed == ("/preset/list", "bells/Glass", "bells/Iron") and done == ("/done", "/preset/list", 2)
    assert bank.send("/preset/list", "warm")[0] == ("/preset/list", "pads/Dawn")
    ((_, _, text),) = bank.send("/preset/list", "brass")
    assert text == ("presets: none is of the kind 'brass', allowed are bells, bright, dark, pads, warm")


def test_a_kind_that_was_changed_is_seen(bank, tmp_path):
    bank.send("/preset/list", "warm")
    PresetFolder(tmp_path / "shipped").write(Preset("pads/Dawn", "small", 2, {}, kinds=("frosty",)))
    assert bank.send("/preset/list", "frosty")[0] == ("/preset/list", "pads/Dawn")


def test_any_preset_of_a_kind_is_loaded_by_chance_that_a_render_repeats(bank):
    bank.send("/preset/load", "bells/Glass")
    assert bank.send("/preset/random", "bells") == [("/done", "/preset/random", "bells/Iron")]
    found = []
    for _ in range(2):
        for when in range(0, 12_000, 1000):
            bank.send("/preset/load", "bells/Glass")
            found.append(bank.send_all(("/preset/random",), when=when)[0][2])
            bank.engine.render(12_000)
    assert found[:12] == found[12:] and set(found) == {"bells/Iron", "pads/Dawn"}
    assert bank.send("/preset/random", 0) == []
    assert bank.send("/preset/random", 1)[0][:2] == ("/done", "/preset/random")


def test_a_long_list_comes_in_messages_of_a_hundred(session, tmp_path):
    folder = session.presets.folder
    folder.mkdir(parents=True)
    for number in range(300):
        (folder / f"{number:03}.json").write_text("{}")
    messages = session.send("/preset/list")
    assert [len(message) - 1 for message in messages] == [100, 100, 100, 0]
    assert [name for message in messages for name in message[1:]] == [f"{number:03}" for number in range(300)]


@pytest.mark.parametrize("name", ["a/b/c", "/a", "a/", "a/../b", "./a", "a//b"])
def test_a_folder_is_one_plain_word(session, name):
    ((answer, _, text),) = session.send("/preset/save", name)
    assert answer == "/fail" and "behind a folder and / or not" in text


def test_a_link_out_of_the_folder_leads_nowhere(session, tmp_path):
    (tmp_path / "secret").mkdir()
    (tmp_path / "secret" / "a.json").write_text("{}")
    session.presets.folder.mkdir(parents=True)
    (session.presets.folder / "bells").symlink_to(tmp_path / "secret")
    assert "leads out of" in session.send("/preset/load", "bells/a")[0][2]


def test_what_a_whole_preset_does_not_name_is_at_its_default(session):
    session.presets.write(Preset("few", "small", 2, {"latent/1": 0.25}))
    session.presets.write(Preset("whole", "small", 2, {"latent/1": 0.75}, whole=True))
    session.send("/chorus/mix", 0.5)
    session.send("/latent/2", 0.9)
    session.send("/preset/load", "few")
    assert session.instrument.get("chorus/mix") == 0.5
    session.send("/preset/load", "whole")
    assert (session.instrument.get("chorus/mix"), session.latents()) == (0.0, [0.75, 0.5])


def test_texts_that_belong_to_the_sound_are_kept_with_it(session):
    told = []

    def find(text):
        if text == "lost":
            raise ParameterError("gesture 'lost': no such gesture")
        told.append(text)

    tree = session.instrument.tree
    tree.hold("gesture", find)
    tree.set_text("gesture", "bow")
    session.send("/preset/save", "bowed")
    session.presets.write(Preset("plain", "small", 2, {}, whole=True))
    session.presets.write(Preset("few", "small", 2, {}))
    session.presets.write(Preset("broken", "small", 2, {"gesture": "lost"}))
    found = []
    for name in ("plain", "few", "bowed", "few", "broken"):
        ((answer, _, _, *remark),) = session.send("/preset/load", name)
        found.append((answer, tree.get("gesture"), *remark))
    assert found == [
        ("/done", ""), ("/done", ""), ("/done", "bow"), ("/done", "bow"),
        ("/done", "bow", "gesture 'lost': no such gesture"),
    ]  # fmt: skip
    assert told == ["bow", "", "bow"]


BROKEN_MACROS = {
    "no address": '{"1": {"bind": [[1, 0, 1]]}}',
    "two values": '{"1": {"bind": [["gain", 0]]}}',
    "a ninth": '{"9": {"name": "x"}}',
    "a word": '{"1": {"bind": [["gain", "loud", 1]]}}',
    "a list": "[1]",
}


@pytest.mark.parametrize("macros", BROKEN_MACROS.values(), ids=BROKEN_MACROS)
def test_damaged_macros_change_nothing(session, macros):
    session.send("/preset/save", "a")
    (session.presets.folder / "a.json").write_text(
        '{"format": 2, "model": "small", "latents": 2, "values": {"latent/1": 0.9}, "macros": ' + macros + "}"
    )
    before = session.instrument.values(), session.instrument.macros.all()
    assert session.send("/preset/load", "a")[0][0] == "/fail"
    assert (session.instrument.values(), session.instrument.macros.all()) == before


SHIPPED = PresetFolder(None, SHIPPED_PRESETS)


@pytest.mark.parametrize("name", SHIPPED.names())
def test_a_shipped_preset_is_whole_and_says_what_it_is(name):
    preset = SHIPPED.read(name)
    rows = parameter_table(preset.latents)
    assert preset.whole and preset.author and preset.comment and preset.folder in preset.kinds
    assert preset.model in Library().decoders()
    for key, value in preset.values.items():
        if key == GESTURE:
            assert value in Library().gestures()
        else:
            assert rows[key].check(value) == value, key
    for macro in preset.macros:
        assert macro.name and all(binding.name in rows for binding in macro.bindings)
        assert checked(macro) == macro
