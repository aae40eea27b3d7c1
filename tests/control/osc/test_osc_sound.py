"""Latents and pitch classes that are set together, by OSC."""

from near import near

from manned import events
from manned.control.osc.packet import write_message


def test_latents_are_set_in_one_audio_block(osc, client):
    client.send("/latents", 0.1, 0.2, 0.3)
    assert client.ask("/latents")[1] == near(0.1, 0.2, 0.3)
    (block,) = osc.engine.handed
    assert [(event.kind, event.index) for event in block] == [(events.LATENT, i) for i in range(3)]


def test_more_latents_than_there_are_set_the_first_and_it_is_said(osc, client):
    ((address, (about, text)),) = client.answers(write_message("/latents", 0.1, 0.2, 0.3, 0.4))
    assert (address, about) == ("/error", "/latents")
    assert text == "found 4 values, this model has 3 latents: the first 3 were taken"
    assert client.ask("/latents")[1] == near(0.1, 0.2, 0.3)


def test_an_array_of_latents_is_as_good(client):
    client.send("/latents", [0.4, 0.5])
    assert client.ask("/latents")[1][:2] == near(0.4, 0.5)


def test_a_pad_plays_the_first_two_latents(client):
    client.send("/xy", 0.25, 0.75)
    assert client.ask("/latents")[1] == near(0.25, 0.75, 0.5)
    assert client.ask("/xy")[1] == near(0.25, 0.75)


def test_weights_mix_the_classes_in_one_audio_block_until_a_class_is_chosen(osc, client):
    weights = [0.0] * 7 + [0.5, 2.0, 0.0, 0.0, 0.25]
    client.send("/chroma/weights", *weights)
    assert client.ask("/chroma/weights") == ("/chroma/weights", near(*weights[:8], 1.0, *weights[9:]))
    (block,) = osc.engine.handed
    assert [(event.kind, event.index) for event in block] == [(events.CHROMA_WEIGHT, i) for i in range(12)]
    client.send("/chroma", "D")
    assert client.ask("/chroma/weights")[1] == (0.0, 0.0, 1.0) + (0.0,) * 9


def test_a_gesture_is_chosen_asked_listed_and_left(client):
    assert client.ask("/gesture") == ("/gesture", ("",))
    assert "celesta" in client.ask("/gesture/list").arguments
    client.send("/gesture", "celesta")
    assert client.ask("/gesture") == ("/gesture", ("celesta",))
    assert client.ask("/gesture", "no-such-one")[0] == "/error"
    assert client.ask("/gesture") == ("/gesture", ("celesta",))
    client.send("/gesture", "")
    assert client.ask("/gesture") == ("/gesture", ("",))
