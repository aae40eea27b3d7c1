"""What each address does and answers, asked by UDP."""

import struct
import time

import pytest
from hostile_packets import bundle, ntp
from small_harmonic_decoder import small_harmonic_decoder_file

import manned
from manned import events
from manned.control.osc.packet import write_message
from manned.control.osc.rate_limit import BURST
from manned.control.osc.receiver import MAX_ANSWERS, MAX_PATTERNS, MAX_WAITING
from manned.instrument import HELD_NOTES
from manned.state.tree import Source
from manned.table.commands import COMMANDS
from manned.table.parameters import PARAMETERS


def near(*values):
    return pytest.approx(values, abs=1e-6)


class Nobody:
    """A sender that hears nothing."""

    key = "nobody"

    def send(self, address, *arguments):
        pass


# -- parameters -----------------------------------------------------------------


@pytest.mark.parametrize("row", PARAMETERS, ids=lambda row: row.name)
def test_every_parameter_answers_an_empty_message_with_its_value(client, row):
    address, (value,) = client.ask(row.address)
    assert address == row.address
    assert value == (row.default if isinstance(row.default, str) else pytest.approx(float(row.default), rel=1e-6))


@pytest.mark.parametrize("address", ["/gain", "/latent/2", "/chroma", "/phase", "/latents", "/xy", "/model"])
def test_a_question_can_also_be_asked_under_q(client, address):
    assert client.ask("/q" + address) == client.ask(address)


@pytest.mark.parametrize("value", [1, 1.0, True, 2**40, "C#"])
def test_a_value_may_have_any_type_that_makes_sense(client, value):
    client.send("/chroma", value)
    assert client.ask("/chroma")[1] == (11 if value == 2**40 else 1,)


@pytest.mark.parametrize("tags", ["f", "d", "i", "h", "T"])
def test_every_numeric_type_sets_a_float(client, tags):
    layout = {"f": ">f", "d": ">d", "i": ">i", "h": ">q", "T": ">0s"}[tags]
    one = b"" if tags == "T" else 1
    client.send_bytes(b"/latent/1\0\0\0," + tags.encode() + b"\0\0" + struct.pack(layout, one))
    assert client.ask("/latent/1")[1] == (1.0,)


def test_values_are_clamped_and_reported_as_taken(client):
    client.send("/latent/1", 7)
    client.send("/glide", -3.0)
    assert client.ask("/latent/1")[1] == (1.0,)
    assert client.ask("/glide")[1] == (0.0,)


def test_truth_is_reported_as_a_number(client):
    client.send("/gate", True)
    assert client.ask("/gate")[1] == (1,)


def test_gain_in_decibels_is_the_same_gain(client):
    client.send("/gain/db", -6.0)
    assert client.ask("/gain")[1] == pytest.approx((10 ** (-6 / 20),))


def test_latents_are_set_in_one_audio_block(osc, client):
    client.send("/latents", 0.1, 0.2, 0.3)
    assert client.ask("/latents")[1] == near(0.1, 0.2, 0.3)
    (block,) = osc.engine.handed
    assert [(event.kind, event.index) for event in block] == [(events.LATENT, i) for i in range(3)]


def test_an_array_of_latents_is_as_good(client):
    client.send("/latents", [0.4, 0.5])
    assert client.ask("/latents")[1][:2] == near(0.4, 0.5)


def test_a_pad_plays_the_first_two_latents(client):
    client.send("/xy", 0.25, 0.75)
    assert client.ask("/latents")[1] == near(0.25, 0.75, 0.5)
    assert client.ask("/xy")[1] == near(0.25, 0.75)


def test_a_pattern_sets_all_that_it_matches_in_one_audio_block(osc, client):
    client.send("/env/{attack,release}", 2)
    assert client.ask("/env/attack")[1] == client.ask("/env/release")[1] == (2.0,)
    assert client.ask("/env/decay")[1] == near(0.2)
    (block,) = osc.engine.handed
    assert [event.kind for event in block] == [events.CONTROL, events.CONTROL]


def test_a_pattern_asks_all_that_it_matches(client):
    answers = client.answers(write_message("/latent/[!2]"))
    assert answers == [("/latent/1", (0.5,)), ("/latent/3", (0.5,))]
    assert client.answers(write_message("/q/latent/[!2]")) == answers


def test_a_pattern_never_runs_a_command(osc, client):
    client.send("/gate", 1)
    client.answers(write_message("/*"), write_message("/all*"))
    assert client.ask("/gate")[1] == (1,)


def test_a_change_by_osc_bears_the_address_of_its_client(osc, client):
    told = []
    osc.call(lambda: osc.instrument.tree.listen(told.extend))
    client.answers(write_message("/latent/1", 0.25), bundle(write_message("/gate", 1)), write_message("/model", "two"))
    source = Source("osc", client.socket.getsockname())
    assert {(change.name, change.source) for change in told} >= {
        ("latent/1", source),
        ("gate", source),
        ("model", source),
    }


# -- notes ------------------------------------------------------------------------


def test_a_note_is_released_by_its_number(osc, client):
    assert client.answers(write_message("/mnote", 60.5, 64), write_message("/mnote/rel", 60.5)) == []
    (on,), (off,) = osc.engine.handed
    assert (on.kind, on.a, on.b) == (events.NOTE_ON, 60.5, pytest.approx(64 / 127))
    assert (off.kind, off.index) == (events.NOTE_OFF, on.index)


@pytest.mark.parametrize("release", [("/mnote/rel", 62, 0, 9), ("/mnote", 62, 0, 9), ("/fnote/rel", 100.0, 0, 9)])
def test_a_note_with_an_id_is_released_by_its_id(osc, client, release):
    client.answers(write_message("/mnote", 62, 64, 8), write_message("/mnote", 62, 64, 9), write_message(*release))
    assert osc.call(osc.instrument.notes) == [("osc", "id", 8)]


def test_a_note_started_from_one_port_is_released_from_another(osc, client):
    client.answers(write_message("/mnote", 60, 64))
    other = type(client)(osc.port)
    other.answers(write_message("/mnote/rel", 60))
    other.socket.close()
    assert osc.call(osc.instrument.notes) == []


def test_a_frequency_is_a_note(osc, client):
    client.answers(write_message("/fnote", 440.0, 127), write_message("/fnote/rel", 440))
    (on,), (off,) = osc.engine.handed
    assert (on.kind, on.a) == (events.NOTE_ON, 69.0)
    assert (off.kind, off.index) == (events.NOTE_OFF, on.index)


@pytest.mark.parametrize(
    ("address", "kind"), [("/allnotesoff", events.ALL_NOTES_OFF), ("/allsoundoff", events.ALL_SOUND_OFF)]
)
def test_all_notes_end_together(osc, client, address, kind):
    client.answers(write_message("/mnote", 60, 64), write_message("/gate", 1), write_message(address))
    assert kind in [event.kind for event in osc.engine.handed[-1]]
    assert osc.call(osc.instrument.notes) == []
    assert osc.get("gate") is False


def test_notes_that_nobody_releases_do_not_pile_up(osc, client):
    for first in range(0, 2 * HELD_NOTES, 16):
        notes = bundle(*[write_message("/mnote", 60, 100, first + i) for i in range(16)])
        while ("osc", "id", first) not in osc.call(osc.instrument.notes):  # the engine takes only so many at once
            client.answers(notes)
    held = osc.call(osc.instrument.notes)
    assert held == [("osc", "id", identity) for identity in range(HELD_NOTES, 2 * HELD_NOTES)]


# -- expression of single notes ---------------------------------------------------


@pytest.mark.parametrize(
    ("address", "value", "kind", "taken"),
    [
        ("/ne/pitch", -7.5, events.NOTE_PITCH, (-7.5, 0)),
        ("/ne/pitch", 99, events.NOTE_PITCH, (48, 0)),
        ("/ne/pressure", 0.25, events.NOTE_PRESSURE, (0.25, 0)),
        ("/ne/latent/3", -0.5, events.NOTE_LATENT, (-0.5, 2)),
    ],
)
def test_a_note_is_moved_by_its_id_and_no_other_is(osc, client, address, value, kind, taken):
    notes = bundle(write_message("/mnote", 60, 100, 1), write_message("/fnote", 330.0, 100, 2))
    assert client.answers(notes, write_message(address, 2, value)) == []
    ons, (moved,) = osc.engine.handed
    assert moved == (kind, None, ons[1].index, *taken)


def test_a_note_and_its_expression_may_begin_in_one_audio_block(osc, client):
    client.answers(bundle(write_message("/mnote", 60, 100, 7), write_message("/ne/latent/1", 7, 0.5)))
    (block,) = osc.engine.handed
    assert [event.kind for event in block] == [events.NOTE_ON, events.NOTE_LATENT]
    assert block[0].index == block[1].index


@pytest.mark.parametrize("address", ["/ne/pitch", "/ne/pressure", "/ne/latent/1"])
def test_an_id_that_is_not_held_is_told(osc, client, address):
    client.answers(write_message("/mnote", 60, 100, 5), write_message("/mnote/rel", 60, 0, 5))
    assert client.ask(address, 5, 0.5) == (
        "/error",
        (address, "found id 5, allowed are the ids of notes that are held"),
    )


# -- buttons and switches ---------------------------------------------------------

PRESSED = {"a bang": b"", "1.0": b",f\0\0" + struct.pack(">f", 1), "-1": b",i\0\0" + struct.pack(">i", -1)}
PRESSED |= {"T": b",T\0\0", "I": b",I\0\0", "N": b",N\0\0"}
LET_GO = {"0": b",i\0\0" + struct.pack(">i", 0), "0.0": b",f\0\0" + struct.pack(">f", 0), "F": b",F\0\0"}


def padded(address):
    return address.encode() + b"\0" * (4 - len(address) % 4)


@pytest.mark.parametrize("address", ["/allnotesoff", "/allsoundoff"])
@pytest.mark.parametrize("tags", PRESSED.values(), ids=PRESSED)
def test_a_button_that_is_pressed_does_its_command(osc, client, address, tags):
    answers = client.answers(write_message("/mnote", 60, 64), padded(address) + tags)
    assert answers == [] and osc.call(osc.instrument.notes) == []


@pytest.mark.parametrize("address", ["/allnotesoff", "/allsoundoff", "/preset/next", "/status", "/dump", "/model/list"])
@pytest.mark.parametrize("tags", LET_GO.values(), ids=LET_GO)
def test_a_button_that_is_let_go_does_nothing_and_is_not_answered(osc, client, address, tags):
    answers = client.answers(write_message("/mnote", 60, 64), padded(address) + tags)
    assert answers == [] and osc.call(osc.instrument.notes) == [("osc", 60.0)]


@pytest.mark.parametrize("address", [row.address for row in COMMANDS if row.asks and not row.arguments])
def test_a_button_asks_too(client, address):
    assert [answer for answer, _ in client.answers(padded(address) + PRESSED["1.0"])] == [
        answer for answer, _ in client.answers(write_message(address))
    ]


@pytest.mark.parametrize("address", ["/gate", "/morph/inside"])
def test_a_switch_takes_words(osc, client, address):
    for word, value in (("on", 1), ("off", 0), ("TRUE", 1), ("False", 0), (1.0, 1), (0, 0)):
        client.send(address, word)
        assert client.ask(address) == (address, (value,))


# -- tuning and mixtures ----------------------------------------------------------


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


@pytest.mark.parametrize("name", ["nothing", "../thirds", "/etc/passwd", "thirds.scl", 1])
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


def test_weights_mix_the_classes_in_one_audio_block_until_a_class_is_chosen(osc, client):
    weights = [0.0] * 7 + [0.5, 2.0, 0.0, 0.0, 0.25]
    client.send("/chroma/weights", *weights)
    assert client.ask("/chroma/weights") == ("/chroma/weights", near(*weights[:8], 1.0, *weights[9:]))
    (block,) = osc.engine.handed
    assert [(event.kind, event.index) for event in block] == [(events.CHROMA_WEIGHT, i) for i in range(12)]
    client.send("/chroma", "D")
    assert client.ask("/chroma/weights")[1] == (0.0, 0.0, 1.0) + (0.0,) * 9


# -- refusals ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("address", "arguments", "words"),
    [
        ("/gian", (0.5,), "the nearest is /gain"),
        ("/latnt/1", (0.5,), "the nearest is /latent/1"),
        ("/latent/4", (0.5,), "this model has latents 1–3"),
        ("/q/gian", (), "no such address"),
        ("/gain", (0.1, 0.2), "found 2 arguments"),
        ("/gain", ("loud",), "found 'loud'"),
        ("/gain", (float("nan"),), "found nan"),
        ("/gain", (float("inf"),), "found inf"),
        ("/gain", (None,), "found nil"),
        ("/gain", (b"0.5",), "found a blob"),
        ("/latent/*", (float("nan"),), "found nan"),
        ("/latent/[", (0.5,), "not closed"),
        ("/{gain,phase}", (0.5,), "/phase: found 0.5"),
        ("/latent/*", (0.5, 0.5), "found 2 arguments"),
        ("/nothing*", (0.5,), "matches no parameter"),
        ("/chroma", ("H",), "no pitch class"),
        ("/phase", ("wrong",), "peaks, noise"),
        ("/latents", (0.1,) * 4, "3 latents"),
        ("/latents", (0.1, float("nan")), "found nan"),
        ("/xy", (0.1,), "found 1 argument"),
        ("/mnote", (60,), "found 1 arguments"),
        ("/mnote", (float("nan"), 64), "found nan"),
        ("/mnote", (60, "loud"), "found 'loud'"),
        ("/mnote", (60, 64, 1.5), "whole number"),
        ("/fnote", (float("inf"), 64), "found inf"),
        ("/allnotesoff", ("now",), "found 'now'"),
        ("/allnotesoff", (1, 1), "found 2 arguments"),
        ("/status", (float("nan"),), "found nan"),
        ("/dump", (b"1",), "found a blob"),
        ("/sync", ("now",), "found 'now'"),
        ("/ne/pitch", (1,), "found 1 arguments"),
        ("/ne/pitch", (1.5, 1.0), "whole number"),
        ("/ne/latent/0", (1, 1.0), "no such address"),
        ("/ne/latent/4", (1, 1.0), "this model has latents 1–3"),
        ("/chroma/weights", (0.5,), "found 1 arguments, allowed are: f × 12 weight 0–1"),
        ("/chroma/weights", (0.0,) * 12, "of which one is above 0"),
        ("/chroma/weights", (float("nan"),) * 12, "found nan"),
        ("/q/allnotesoff", (), "no value"),
        ("/q/gain", (1,), "a question has none"),
    ],
)
def test_what_is_wrong_is_answered_and_changes_nothing(osc, client, address, arguments, words):
    before = osc.call(osc.instrument.values)
    answer, (about, text) = client.ask(address, *arguments)
    assert (answer, about) == ("/error", address)
    assert words in text
    assert osc.call(osc.instrument.values) == before
    assert osc.engine.handed == []


def test_bytes_that_are_no_packet_are_answered_and_counted(osc, client):
    client.send_bytes(b"/gain")
    assert client.hear() == ("/error", ("packet", "packet of 5 bytes, allowed are multiples of 4 up to 65536"))
    assert osc.counts()["osc_rejected"] == 1


def test_errors_are_answered_to_the_sender_alone(osc, client):
    other = type(client)(osc.port)
    client.send("/gian", 1)
    assert client.hear()[0] == "/error"
    assert other.answers() == []
    other.socket.close()


def test_a_flood_of_errors_is_answered_a_few_times_and_then_summed_up(osc, client):
    answers = client.answers(*[write_message("/gian", 1)] * 100)
    assert BURST <= len(answers) < 50
    suppressed = osc.counts()["osc_errors_suppressed"]
    assert suppressed == 100 - len(answers)
    time.sleep(0.25)
    _, text = client.ask("/gian", 1)[1]
    assert "earlier errors were not answered" in text


def test_the_limit_is_each_senders_own(osc, client):
    client.answers(*[write_message("/gian", 1)] * 100)
    other = type(client)(osc.port)
    assert other.ask("/gian", 1)[0] == "/error"
    other.socket.close()


@pytest.mark.parametrize("address", ["/error", "/done", "/fail", "/synced", "/status.reply", "/version.reply"])
def test_answers_are_not_answered(client, address):
    assert client.answers(write_message(address, "/gain", "some text")) == []


def test_one_packet_gets_only_so_many_answers(client):
    answers = client.answers(bundle(*[write_message("/dump")] * 200))
    assert len(answers) == MAX_ANSWERS + 1
    assert answers[-1] == ("/error", ("packet", f"more than {MAX_ANSWERS} answers to one packet, the rest is not sent"))


def test_one_packet_plays_only_so_many_patterns_and_all_that_is_no_pattern(osc, client):
    pattern = write_message("/latent/?", 0.25)
    client.answers(bundle(*[pattern] * MAX_PATTERNS))
    assert osc.counts()["osc_errors"] == 0
    answers = client.answers(
        bundle(
            *[pattern] * MAX_PATTERNS,
            bundle(write_message("/latent/*", 0.75), timetag=ntp(time.time() + 0.3)),
            write_message("/q/latent/*"),
            write_message("/gain", 0.5),
        )
    )
    text = f"more than {MAX_PATTERNS} patterns in one packet, the rest is not played"
    assert answers == [("/error", ("/q/latent/*", text))]
    assert client.hear() == ("/error", ("/latent/*", text))
    assert client.ask("/latents")[1] == near(0.25, 0.25, 0.25)
    assert client.ask("/gain")[1] == (0.5,)


# -- bundles ----------------------------------------------------------------------


def test_a_bundle_takes_effect_in_one_audio_block(osc, client):
    client.answers(bundle(write_message("/latent/1", 0.9), write_message("/gate", 1), write_message("/mnote", 60, 100)))
    (block,) = osc.engine.handed
    assert [event.kind for event in block] == [events.LATENT, events.GATE, events.NOTE_ON]
    assert {event.when for event in block} == {None}


def test_an_error_in_a_bundle_does_not_stop_the_rest(osc, client):
    packet = bundle(write_message("/latent/1", 0.9), write_message("/gian", 1), write_message("/gate", 1))
    ((address, (about, _)),) = client.answers(packet)
    assert (address, about) == ("/error", "/gian")
    (block,) = osc.engine.handed
    assert [event.kind for event in block] == [events.LATENT, events.GATE]


def test_a_bundle_of_the_past_is_played_now(osc, client):
    client.answers(bundle(write_message("/gate", 1), timetag=ntp(time.time() - 5)))
    assert osc.engine.handed[0][0].when is None


def test_a_dated_bundle_is_played_at_its_sample_and_holds_nobody_up(osc, client):
    dated = bundle(write_message("/gate", 1), write_message("/latent/1", 0.9), timetag=ntp(time.time() + 0.8))
    client.answers(dated)
    assert osc.get("gate") is False
    osc.wait_until(lambda: osc.instrument.get("gate"))
    (block,) = osc.engine.handed
    assert [event.when for event in block] == osc.engine.dates * 2


def test_a_bundle_for_the_next_moment_keeps_its_sample(osc):
    osc.call(
        lambda: osc.server.receiver.receive(
            bundle(write_message("/gate", 1), timetag=ntp(time.time() + 0.09)), Nobody()
        )
    )
    ((event,),) = osc.engine.handed
    assert [event.when] == osc.engine.dates


def test_nested_bundles_have_their_own_times(osc, client):
    inner = bundle(write_message("/latent/1", 0.9), timetag=ntp(time.time() + 0.8))
    client.answers(bundle(write_message("/gate", 1), bundle(write_message("/latent/2", 0.1)), inner))
    osc.wait_until(lambda: osc.instrument.get("latent/1") != 0.5)
    first, second = osc.engine.handed
    assert [(event.kind, event.when) for event in first] == [(events.GATE, None), (events.LATENT, None)]
    assert [event.when for event in second] == osc.engine.dates


def test_a_bundle_of_the_far_future_is_refused(osc, client):
    ((address, (about, text)),) = client.answers(bundle(write_message("/gate", 1), timetag=ntp(time.time() + 7200)))
    assert (address, about) == ("/error", "#bundle")
    assert "allowed are 3600 s" in text
    assert len(osc.schedule) == 0


def test_no_more_dated_bundles_wait_than_there_is_room_for(osc, client):
    large = bundle(*[write_message("/chroma", "C" * 60)] * 250, timetag=ntp(time.time() + 60))
    for _ in range(MAX_WAITING // len(large)):
        assert client.answers(large) == []
    answers = client.answers(large)
    assert [address for address, _ in answers] == ["/error"]
    assert "dated bundles are waiting" in answers[0].arguments[1]


def test_a_full_schedule_is_an_error(osc, client):
    osc.schedule.capacity = 2
    answers = client.answers(*[bundle(write_message("/gate", 1), timetag=ntp(time.time() + 60))] * 3)
    assert [address for address, _ in answers] == ["/error"]


# -- commands ---------------------------------------------------------------------


def test_every_command_of_the_table_is_there(client):
    for row in COMMANDS:
        answers = client.answers(write_message(row.address))
        if row.least == 0:
            assert all(address != "/error" for address, _ in answers), row.name
        else:
            assert [address for address, _ in answers] == ["/error"], row.name


def test_the_version(client):
    assert client.ask("/version") == ("/version.reply", ("manned", manned.__version__))


def test_sync_is_answered_with_its_number(client):
    assert client.ask("/sync", 17) == ("/synced", (17,))


def test_the_status_is_pairs_of_name_and_value(client):
    client.send("/gian", 1)
    client.hear()
    address, words = client.ask("/status")
    pairs = dict(zip(words[::2], words[1::2]))
    assert address == "/status.reply"
    assert pairs["model"] == "three"
    assert pairs["osc_messages"] == 2
    assert pairs["osc_errors"] == 1


def test_the_dump_is_every_value_once(osc, client):
    answers = client.answers(write_message("/dump"))
    assert [address for address, _ in answers] == ["/" + name for name in osc.call(osc.instrument.values)]


def test_models_are_listed_asked_and_loaded(client):
    assert client.ask("/model/list").arguments[:3] == ("broken", "three", "two")
    assert client.ask("/model") == ("/model", ("three",))
    assert client.ask("/model", "two") == ("/done", ("/model", "two"))
    assert client.ask("/model") == ("/model", ("two",))
    assert client.ask("/latent/3", 0.5)[0] == "/error"
    assert client.ask("/model", 1) == ("/done", ("/model", "three"))


def test_a_model_that_fails_in_a_way_nobody_thought_of_is_answered_and_logged(osc, client, monkeypatch, caplog):
    monkeypatch.setattr(osc.engine, "load", lambda decoder: decoder.no_such_thing)
    assert client.ask("/model", "two") == ("/fail", ("/model", "model two: cannot be loaded (AttributeError)"))
    assert "no_such_thing" in caplog.text
    assert client.ask("/model")[1] == ("three",)


@pytest.mark.parametrize("name", ["broken", "missing", "/etc/passwd", "../three", 17, 1.5])
def test_a_model_that_cannot_be_loaded_is_told_and_the_old_one_plays_on(client, name):
    address, (about, _) = client.ask("/model", name)
    assert address == ("/error" if name == 1.5 else "/fail")
    assert about == "/model"
    assert client.ask("/model") == ("/model", ("three",))


def test_a_model_of_a_kind_that_cannot_be_played_is_told_and_the_old_one_plays_on(client, models):
    path = small_harmonic_decoder_file(models, "pitched")
    try:
        address, (about, said) = client.ask("/model", "pitched")
    finally:
        path.unlink()
    assert (address, about) == ("/fail", "/model")
    assert said.endswith("is of the kind 'harmonic', which cannot be played; allowed is 'spectrum'")
    assert client.ask("/model") == ("/model", ("three",))


def test_sync_waits_for_the_models_before_it(client):
    assert client.answers(write_message("/model", "two"), write_message("/model", "missing"))[:1] == [
        ("/done", ("/model", "two"))
    ]


def test_no_more_models_wait_than_a_few(client):
    answers = client.answers(bundle(*[write_message("/model", "two")] * 50))
    done = [address for address, _ in answers].count("/done")
    assert 1 <= done < 10
    assert len(answers) == 50
