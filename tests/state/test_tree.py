"""The tree holds each value once, and tells everybody once what has changed."""

import logging

import pytest
from harmonic_decoder import harmonic_decoder
from session import HeardEngine
from small_decoder import small_decoder

from manned import events
from manned.errors import EngineBusy, ParameterError
from manned.instrument import Instrument
from manned.state.morph import Morph
from manned.state.presets import Presets
from manned.state.schedule import Schedule
from manned.state.tree import Change, Source

KNOB = Source("midi", "nanoKONTROL2")
PANEL = Source("osc", ("127.0.0.1", 9000))


@pytest.fixture
def instrument():
    instrument = Instrument(HeardEngine(), small_decoder())
    instrument.engine.handed.clear()
    return instrument


@pytest.fixture
def told(instrument):
    """The lists of changes that a listener was told."""
    heard = []
    instrument.tree.listen(lambda changes: heard.append(list(changes)))
    return heard


def test_a_change_says_what_was_taken_who_set_it_and_when(instrument, told):
    instrument.set("latent/1", 7, when=500, source=KNOB)
    assert told == [[Change("latent/1", 1.0, KNOB, 500)]]


def test_what_is_set_together_is_told_once_after_it_was_published(instrument):
    heard = []
    instrument.tree.listen(lambda changes: heard.append((len(instrument.engine.handed), [c.name for c in changes])))
    with instrument.together():
        instrument.set("octave", 3)
        with instrument.together():
            instrument.set("glide", 1.0)
        assert heard == []
    assert heard == [(1, ["octave", "glide"])]


def test_of_each_name_the_last_value_is_told(instrument, told):
    with instrument.together():
        instrument.set("bend", 0.1)
        instrument.set("octave", 3)
        instrument.set("bend", 0.2)
    assert [[(change.name, change.value) for change in changes] for changes in told] == [[("octave", 3), ("bend", 0.2)]]


def test_the_source_and_the_sample_are_those_around_it(instrument, told):
    with instrument.together(1000, PANEL):
        instrument.set("octave", 3)
        instrument.set("bend", 0.5, source=KNOB)
    assert [(change.source, change.when) for change in told[0]] == [(PANEL, 1000), (KNOB, 1000)]


def set_all(instrument, values):
    for name, value in values.items():
        instrument.set(name, value)


def test_a_block_that_raises_plays_nothing_tells_nothing_and_changes_nothing(instrument, told):
    before = instrument.values()
    with pytest.raises(ParameterError), instrument.together():
        set_all(instrument, {"latent/1": 1.0, "gain": 0.1, "octave": "high"})
    assert instrument.engine.handed == [] and told == []
    assert instrument.values() == before
    instrument.set("octave", 2)
    assert [[event.kind for event in block] for block in instrument.engine.handed] == [[events.OCTAVE]]


def test_what_the_engine_has_no_room_for_is_set_and_told_all_the_same(instrument, told, monkeypatch):
    def busy(batch):
        raise EngineBusy("no room")

    monkeypatch.setattr(instrument.engine, "push", busy)
    with pytest.raises(EngineBusy):
        instrument.set("octave", 2)
    assert instrument.get("octave") == 2 and [change.name for change in told[0]] == ["octave"]
    monkeypatch.undo()
    instrument.set("bend", 0.5)
    assert [[event.kind for event in block] for block in instrument.engine.handed] == [[events.OCTAVE], [events.BEND]]


def test_a_listener_that_raises_is_told_nothing_more_and_holds_nobody_up(instrument, caplog):
    calls, heard = [], []

    def bad(changes):
        calls.append(changes)
        raise RuntimeError("worn out")

    instrument.tree.listen(bad)
    instrument.tree.listen(heard.append)
    with caplog.at_level(logging.ERROR):
        instrument.set("octave", 2)
    instrument.set("octave", 3)
    assert len(calls) == 1 and len(heard) == 2 and "worn out" in caplog.text


def test_a_listener_takes_nobodys_place_and_stops_when_it_is_told_to(instrument):
    one, two = [], []
    listening = instrument.tree.listen(one.append)
    instrument.tree.listen(two.append)
    instrument.set("octave", 2)
    listening.stop()
    listening.stop()
    instrument.set("octave", 3)
    assert (len(one), len(two)) == (1, 2)


def test_a_listener_may_set_something_itself(instrument, told):
    def follow(changes):
        if changes[0].name == "latent/1":
            instrument.set("latent/2", changes[0].value)

    instrument.tree.listen(follow)
    instrument.set("latent/1", 0.25)
    assert instrument.get("latent/2") == 0.25
    assert [changes[0].name for changes in told] == ["latent/1", "latent/2"]


def test_a_parameter_has_one_owner(instrument):
    Morph(instrument, Schedule(), Presets(instrument))
    with pytest.raises(ValueError, match="/morph/position: it has an owner already"):
        Morph(instrument, Schedule(), Presets(instrument))
    with pytest.raises(ValueError, match="/gain: it has an owner already"):
        instrument.tree.own("gain", print)


def test_an_owner_that_refuses_keeps_the_value(instrument, told):
    def refuse(value):
        raise ParameterError("no")

    instrument.tree.own("morph/position", refuse)
    with pytest.raises(ParameterError):
        instrument.set("morph/position", 0.5)
    assert instrument.get("morph/position") == 0.0 and told == []


def test_values_that_follow_others_are_told_with_them(instrument, told):
    instrument.set("gain/db", 12.0)
    instrument.set("gain", 0.0)
    instrument.set_chroma_weights([0.5] * 12)
    instrument.set("chroma", 2)
    seen = [{change.name: change.value for change in changes} for changes in told]
    assert seen[0] == {"gain/db": 12.0, "gain": pytest.approx(3.981, abs=1e-3)}
    assert seen[1] == {"gain": 0.0, "gain/db": -96.0}
    assert seen[2] == {"chroma/weights": (0.5,) * 12}
    assert seen[3] == {"chroma": 2, "chroma/weights": (0.0, 0.0, 1.0) + (0.0,) * 9}


def test_a_model_a_tuning_and_a_preset_are_told_too(instrument, told, tmp_path):
    presets = Presets(instrument, tmp_path)
    presets.write(presets.snapshot("bells"))
    told.clear()
    instrument.use_model(harmonic_decoder(latents=3))
    instrument.tune(scale="just")
    presets.load("bells")
    seen = [{change.name: change.value for change in changes} for changes in told]
    assert seen[0]["model"] == "harmonic" and "latent/3" in seen[0]
    assert seen[1] == {"tuning/scale": "just", "tuning/keyboard": ""}
    assert seen[2]["preset/load"] == "bells"
    assert {change.source for change in told[2]} == {Source("preset", "bells")}


def test_a_snapshot_holds_one_scope(instrument):
    sound = instrument.tree.snapshot("sound")
    assert "env/attack" in sound and not {"gain", "gate", "bend"} & sound.keys()
    assert instrument.tree.snapshot() == instrument.values()


def test_the_target_of_an_lfo_is_a_latent_that_the_model_has(instrument, told):
    assert instrument.set("lfo/1/target", 9) == 2
    instrument.use_model(harmonic_decoder(latents=9))
    assert instrument.set("lfo/1/target", 9) == 9
    told.clear()
    instrument.use_model(small_decoder())
    assert instrument.get("lfo/1/target") == 2
    assert ("lfo/1/target", 2) in [(change.name, change.value) for change in told[0]]


def test_latents_that_a_model_has_not_come_back_with_their_values(instrument):
    instrument.use_model(harmonic_decoder(latents=3))
    instrument.set("latent/3", 0.9)
    instrument.use_model(small_decoder())
    with pytest.raises(ParameterError, match="/latent/3: no such parameter"):
        instrument.get("latent/3")
    instrument.use_model(harmonic_decoder(latents=3))
    assert instrument.get("latent/3") == 0.9
