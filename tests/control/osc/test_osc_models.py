"""Models by OSC: listed, asked and loaded."""

from dataclasses import replace

import numpy as np
import pytest
from hostile_packets import bundle
from near import near
from told_decoder import told_decoder

from manned.control.osc.packet import write_message
from manned.model.harmonic.chart import Chart
from manned.model.harmonic.decoder_file import save_decoder


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


def test_sync_waits_for_the_models_before_it(client):
    assert client.answers(write_message("/model", "two"), write_message("/model", "missing"))[:1] == [
        ("/done", ("/model", "two"))
    ]


def test_no_more_models_wait_than_a_few(client):
    answers = client.answers(bundle(*[write_message("/model", "two")] * 50))
    done = [address for address, _ in answers].count("/done")
    assert 1 <= done < 10
    assert {address for address, _ in answers} == {"/done", "/fail"}


def test_what_the_model_is_can_be_asked(client, models):
    facts = client.ask("/model/info").arguments
    assert dict(zip(facts[::2], facts[1::2])) == {"name": "three", "kind": "spectrum", "latents": 3}
    path = save_decoder(charted(), models / "charted.safetensors")
    try:
        assert client.ask("/model", "charted") == ("/done", ("/model", "charted"))
    finally:
        path.unlink()
    facts = client.ask("/model/info").arguments
    assert dict(zip(facts[::2], facts[1::2])) == {
        "name": "charted", "kind": "harmonic", "latents": 2, "latent/1": "brightness"
    }  # fmt: skip


def test_xy_goes_to_a_place_on_the_chart(client, models):
    path = save_decoder(charted(), models / "charted.safetensors")
    try:
        client.ask("/model", "charted")
    finally:
        path.unlink()
    client.send("/xy", 0.25, 1.0)
    assert client.ask("/xy")[1] == near(0.25, 1.0)
    assert client.ask("/latents")[1] == near(0.65625, 0.75)
    client.send("/latents", 0.1, 0.1)
    assert client.ask("/xy")[1] == near(1.0, 0.0)


def charted():
    """A decoder of the kind harmonic whose chart runs from right to left."""
    points = np.float32([[[0.875, 0.0], [0.0, 0.0]], [[0.875, 1.0], [0.0, 0.0]]])
    return replace(told_decoder(name="charted"), chart=Chart(points, np.ones((2, 2), np.float32)))
