"""What is wrong is answered by OSC, and how much is answered at most."""

import re
import time

import pytest
from hostile_packets import bundle, ntp
from near import near

from manned.control.osc.packet import write_message
from manned.control.osc.rate_limit import BURST
from manned.control.osc.receiver import MAX_ANSWERS, MAX_PATTERNS


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


def test_failures_are_answered_now_and_then_in_a_flood(osc, client):
    answers = client.answers(*[write_message("/preset/load", "nobody")] * 100)
    assert BURST <= len(answers) < 60
    assert {(address, about) for address, (about, _) in answers} == {("/fail", "/preset/load")}
    time.sleep(0.3)
    ((_, (_, text)),) = client.answers(write_message("/preset/load", "nobody"))
    assert re.search(r"\(\d+ earlier errors were not answered\)", text)


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
