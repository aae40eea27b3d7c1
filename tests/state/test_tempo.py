"""LFOs that count in beats go by the tempo, whatever is set in which order."""

import pytest
from session import Session
from small_decoder import small_decoder

from manned import events
from manned.state.preset import Preset


@pytest.fixture
def session(tmp_path):
    return Session(small_decoder(), tmp_path)


def rates(session, *message):
    """The Hertz that each LFO, from 1, was told because of a message."""
    session.engine.handed.clear()
    session.send(*message)
    return {
        event.index + 1: event.a for block in session.engine.handed for event in block if event.kind == events.LFO_RATE
    }


def test_a_turn_takes_so_many_beats(session):
    assert rates(session, "/lfo/2/beats", 4) == {2: pytest.approx(0.5)}
    assert rates(session, "/tempo", 90) == {2: pytest.approx(0.375)}
    assert rates(session, "/lfo/1/beats", 0.5) == {1: pytest.approx(3.0)}
    assert rates(session, "/tempo", 60) == {1: pytest.approx(2.0), 2: pytest.approx(0.25)}


def test_the_rate_counts_where_there_are_no_beats_and_waits_where_there_are(session):
    assert rates(session, "/lfo/1/rate", 3.0) == {1: 3.0}
    session.send("/lfo/1/beats", 1)
    assert rates(session, "/lfo/1/rate", 5.0) == {1: 2.0}
    assert rates(session, "/lfo/1/beats", 0) == {1: 5.0}
    assert rates(session, "/tempo", 200) == {}


def test_no_turn_is_faster_than_a_rate_may_be(session):
    assert rates(session, "/lfo/1/beats", 0.01) == {1: session.instrument.parameter("lfo/1/rate").maximum}


def test_the_tempo_is_the_instruments_and_beats_are_the_sounds(session):
    session.send("/lfo/1/beats", 2)
    session.send("/preset/save", "a")
    session.send("/lfo/1/beats", 0)
    session.send("/tempo", 60)
    assert rates(session, "/preset/load", "a")[1] == pytest.approx(0.5)
    assert session.instrument.get("tempo") == 60.0


def test_a_morph_from_rate_to_beats_takes_the_beats_where_it_arrives(session):
    for name, beats in (("free", 0.0), ("slow", 8.0), ("fast", 2.0)):
        values = {"latent/1": {"free": 0.0, "slow": 0.5, "fast": 1.0}[name], "lfo/1/beats": beats}
        session.presets.write(Preset(name, "small", 2, values))
    session.send("/morph", "free", "slow", 0.5)
    assert session.instrument.get("lfo/1/beats") in (0.0, 8.0)
    session.send("/morph/position", 1.0)
    assert session.instrument.get("lfo/1/beats") == 8.0
    session.send("/morph", "slow", "fast", 0.5)
    assert session.instrument.get("lfo/1/beats") == pytest.approx(5.0)
