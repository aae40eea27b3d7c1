"""A soft mixture of pitch classes in the drone."""

import itertools

import numpy as np
import pytest
from harmonic_decoder import harmonic_frame, random_decoder
from sounds import cents, frequency_of
from test_decode import native

from manned.engine import Engine
from manned.events import A4, CHROMA, CHROMA_WEIGHT, GAIN, GATE, OCTAVE, Event
from manned.library import Library
from manned.model.decoder_file import Decoder
from manned.model.forward import forward
from manned.model.pitch import note_to_hz
from manned.model.topology import Topology


def linear_decoder(detune_cents: float = 0.0) -> Decoder:
    """One latent that does nothing; every class is as loud as its input, drawn in octave 4."""
    topology = Topology(widths=(12,), bottleneck=1)
    into = np.vstack([np.zeros(12), np.eye(12)]).astype(np.float32)
    out = np.stack([harmonic_frame(note_to_hz(60 + k + detune_cents / 100), range(1, 4)) for k in range(12)])
    weights = [(into, np.zeros(12, np.float32)), (out.astype(np.float32), np.zeros(topology.bins, np.float32))]
    return Decoder("linear", topology, weights)


def drone(events, decoder=None, frames=44100, gate=None):
    """What the drone plays, octave 4, after some events."""
    engine = Engine(44100, 1)
    engine.load(decoder or linear_decoder())
    engine.push([Event(GAIN, None, 0, 1.0), Event(OCTAVE, None, 0, 4)])
    engine.render(64)
    engine.push([*events, Event(GATE, gate, 0, 1.0)])
    return engine.render(frames)[:, 0]


def weights(when=None, **classes):
    """Events that weigh all twelve classes; those not named are 0."""
    names = ("C", "Cs", "D", "Ds", "E", "F", "Fs", "G", "Gs", "A", "As", "B")
    return [Event(CHROMA_WEIGHT, when, k, classes.get(name, 0.0)) for k, name in enumerate(names)]


def level(signal, note):
    """Amplitude of a note's first harmonic."""
    n = np.arange(len(signal))
    return 2 * abs((signal * np.hanning(len(signal)) * np.exp(-2j * np.pi * note_to_hz(note) / 44100 * n)).mean()) * 2


def test_equal_weights_sound_equally_loud_and_each_in_tune():
    signal = drone(weights(C=0.5, G=0.5))[8192:]
    for note in (60, 67):
        assert abs(cents(frequency_of(signal, note_to_hz(note)), note_to_hz(note))) < 1
    assert abs(20 * np.log10(level(signal, 60) / level(signal, 67))) < 1
    unequal = drone(weights(C=0.2, G=0.8))[8192:]
    assert abs(20 * np.log10(level(unequal, 67) / level(unequal, 60)) - 12) < 1


def test_only_the_balance_of_the_weights_counts():
    assert np.array_equal(drone(weights(C=1.0, E=1.0)), drone(weights(C=0.25, E=0.25)))


@pytest.mark.parametrize("weight", [1.0, 0.3])
def test_one_class_alone_is_the_plain_class(weight):
    plain = drone([Event(CHROMA, None, 0, 7)], linear_decoder(detune_cents=20))
    assert np.array_equal(drone(weights(G=weight), linear_decoder(detune_cents=20)), plain)
    assert abs(cents(frequency_of(plain[8192:], note_to_hz(67)), note_to_hz(67))) < 0.5


def test_a_class_is_added_to_the_one_that_plays_and_none_leaves_it():
    added = drone([Event(CHROMA, None, 0, 2), Event(CHROMA_WEIGHT, None, 9, 1.0)])
    assert np.array_equal(added, drone(weights(D=1.0, A=1.0)))
    assert np.array_equal(drone([Event(CHROMA, None, 0, 2), *weights()]), drone([Event(CHROMA, None, 0, 2)]))


def test_a_chroma_ends_the_mixture():
    mixed = drone([*weights(C=0.5, G=0.5), Event(CHROMA, None, 0, 4)])
    assert np.array_equal(mixed, drone([Event(CHROMA, None, 0, 4)]))
    while_it_sounds = drone([*weights(C=0.5, G=0.5), Event(CHROMA, 10_000, 0, 4)])[32_000:]
    assert level(while_it_sounds, 64) > 30 * max(level(while_it_sounds, 60), level(while_it_sounds, 67))


def test_a_mixture_that_comes_while_the_drone_sounds_crosses_over():
    signal = drone([Event(CHROMA, None, 0, 0), *weights(20_000, C=0.5, E=0.5)], frames=60_000)
    assert level(signal[8_000:20_000], 64) < 0.01 * level(signal[8_000:20_000], 60)
    assert abs(20 * np.log10(level(signal[40_000:], 64) / level(signal[40_000:], 60))) < 1
    assert np.abs(np.diff(signal[20_000:30_000], 2)).max() < 1.1 * np.abs(np.diff(signal[40_000:], 2)).max()


def test_the_octave_moves_a_mixture():
    higher = drone([Event(OCTAVE, None, 0, 5), *weights(C=0.5, G=0.5)])[8192:]
    for note in (72, 79):
        assert abs(cents(frequency_of(higher, note_to_hz(note)), note_to_hz(note))) < 1


def test_master_tuning_moves_a_mixture():
    sharp = drone([Event(A4, None, 0, 452.0), *weights(C=0.5, G=0.5)])[8192:]
    for note in (60, 67):
        assert abs(cents(frequency_of(sharp, note_to_hz(note, 452.0)), note_to_hz(note, 452.0))) < 1


def test_the_first_frame_is_the_mixture_of_its_moment():
    early = drone(weights(C=0.5, G=0.5), gate=3000)
    assert np.array_equal(early, drone(weights(3000, C=0.5, G=0.5), gate=3000))
    at_once = drone(weights(C=0.5, G=0.5), frames=2048)
    assert abs(20 * np.log10(level(at_once[300:], 60) / level(at_once[300:], 67))) < 2


def test_the_native_input_is_the_mixture_that_adds_up_to_one():
    decoder = random_decoder(1, bottleneck=2)
    mixed = np.float32([0.5, 0, 0, 0, 1.0, 0, 0, 0.5, 0, 0, 0, 0])
    inputs = np.concatenate([np.float32([0.3, 0.6]), mixed / mixed.sum()])
    topology = decoder.topology
    wanted = forward(topology.decoder_layers(), decoder.weights, topology.alpha, inputs)
    found = native(decoder, [[0.3, 0.6]], [0], [4], mixture=mixed)[0]
    assert np.abs(found - wanted).max() <= 1e-5 * max(1.0, wanted.max())


def test_the_shipped_decoder_sounds_both_classes():
    """In the median of many latents, the weaker of two equal classes is within 6 dB of the stronger."""
    decoder = Library().read_decoder("atlas-spectrum")
    topology = decoder.topology
    apart = []
    for latents, (a, b) in itertools.product(
        np.random.default_rng(1).random((40, topology.bottleneck)), ((0, 7), (2, 6), (5, 9), (8, 11))
    ):
        mixed = np.zeros(12, np.float32)
        mixed[[a, b]] = 0.5
        spectrum = native(decoder, [latents], [a], [4], mixture=mixed)[0]
        energy = [
            sum(
                np.square(spectrum[(k := round(h * note_to_hz(60 + c) * 4096 / 44100)) - 1 : k + 2]).sum()
                for h in range(1, 9)
            )
            for c in (a, b)
        ]
        apart.append(abs(10 * np.log10(energy[0] / energy[1])))
    assert np.median(apart) < 6
