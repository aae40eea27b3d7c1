"""Models by OSC: listed, asked and loaded."""

import pytest
from hostile_packets import bundle
from small_harmonic_decoder import small_harmonic_decoder_file

from manned.control.osc.packet import write_message


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
