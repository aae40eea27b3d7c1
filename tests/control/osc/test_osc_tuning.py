"""Scales and keyboard mappings by OSC."""

import pytest
from hostile_packets import bundle

from manned import events
from manned.control.osc.packet import write_message
from manned.control.osc.receiver import MAX_PATTERNS


def pitches(osc):
    return [event.a for block in osc.engine.handed for event in block if event.kind == events.NOTE_ON]


def test_keys_play_the_scale_and_frequencies_do_not(osc, client):
    client.send("/tuning/scale", "thirds")
    client.answers(
        write_message("/mnote", 61, 100), write_message("/mnote", 62.5, 100), write_message("/fnote", 440.0, 100)
    )
    assert pitches(osc) == pytest.approx([64, 70, 69])


def test_a_frequency_is_exact_whatever_a4_is(osc, client):
    client.answers(write_message("/tuning/a4", 415.0), write_message("/fnote", 415.0, 100))
    assert pitches(osc) == pytest.approx([69])


def test_a_scale_and_a_mapping_are_asked_listed_and_left_again(osc, client):
    assert client.ask("/tuning/scale") == ("/tuning/scale", ("",))
    listed = client.ask("/tuning/scale/list").arguments
    assert listed[:2] == ("crooked", "thirds") and "just" in listed
    assert client.ask("/tuning/keyboard/list").arguments[0] == "every-other"
    client.send("/tuning/scale", "thirds")
    client.send("/tuning/keyboard", "every-other")
    assert client.ask("/tuning/scale") == ("/tuning/scale", ("thirds",))
    assert client.ask("/q/tuning/keyboard") == ("/tuning/keyboard", ("every-other",))
    client.answers(
        write_message("/mnote", 62, 100), write_message("/tuning/scale", ""), write_message("/mnote", 62, 100)
    )
    client.answers(write_message("/tuning/keyboard", ""), write_message("/mnote", 62, 100))
    assert pitches(osc) == pytest.approx([64, 61, 62], abs=1e-6)


def test_a_suffix_in_any_case_is_seen(osc, client, models):
    for name in ("FIVE.SCL", "Mapped.Kbm"):
        (models / name).write_bytes((models / {"F": "thirds.scl", "M": "every-other.kbm"}[name[0]]).read_bytes())
    try:
        assert "FIVE" in client.ask("/tuning/scale/list").arguments
        assert "Mapped" in client.ask("/tuning/keyboard/list").arguments
        client.answers(write_message("/tuning/scale", "FIVE"), write_message("/mnote", 61, 100))
        assert pitches(osc) == pytest.approx([64])
    finally:
        for name in ("FIVE.SCL", "Mapped.Kbm"):
            (models / name).unlink()


def test_a_key_without_a_pitch_is_told_and_does_not_sound(osc, client):
    client.send("/tuning/keyboard", "every-other")
    address, (about, text) = client.ask("/mnote", 61, 100)
    assert (address, about) == ("/error", "/mnote")
    assert "found note 61, to which this tuning gives no pitch" in text
    assert client.answers(write_message("/mnote", 61, 0)) == []
    assert osc.call(osc.instrument.notes) == []


def test_the_drone_is_in_the_scale_too(osc, client):
    client.answers(
        write_message("/chroma", "C#"), write_message("/octave", 4), write_message("/tuning/scale", "thirds")
    )
    client.answers(
        bundle(write_message("/chroma", "D")), write_message("/tuning/scale", ""), write_message("/chroma", "D")
    )
    tunings = [event.a for block in osc.engine.handed for event in block if event.kind == events.DRONE_TUNING]
    assert tunings == pytest.approx([3, 6, 0])


@pytest.mark.parametrize("name", ["nothing", "../thirds", "/etc/passwd", "thirds.scl", 0, 1])
def test_the_network_names_only_what_is_offered(osc, client, name):
    client.send("/tuning/scale", "thirds")
    address, (about, text) = client.ask("/tuning/scale", name)
    assert (address, about) == ("/error", "/tuning/scale")
    assert f"found '{name}', allowed are crooked, thirds, " in text
    assert client.ask("/tuning/scale")[1] == ("thirds",)


def test_a_scale_that_cannot_be_read_is_told_and_the_old_one_plays_on(client, models):
    client.send("/tuning/scale", "thirds")
    address, (about, text) = client.ask("/tuning/scale", "crooked")
    assert (address, about) == ("/error", "/tuning/scale")
    assert text.startswith(f"scale {models}/crooked.scl, line 4: found 'two', allowed is a ratio")
    assert client.ask("/tuning/scale")[1] == ("thirds",)


def test_one_packet_reads_only_so_many_scales(osc, client):
    answers = client.answers(bundle(*[write_message("/tuning/scale", "thirds")] * (MAX_PATTERNS + 5)))
    assert {address for address, _ in answers} == {"/error"}
    assert len(answers) == 5
