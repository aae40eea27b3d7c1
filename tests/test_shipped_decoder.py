"""The decoder that comes with the program is there, may be given away, and is in tune."""

import numpy as np
import pytest

from manned.config import load_config
from manned.engine import Engine
from manned.instrument import Instrument
from manned.library import Library
from manned.model.decoder_file import load_decoder
from manned.model.encoder_file import encoder_path, load_encoder
from manned.model.pitch import note_to_hz


@pytest.fixture(scope="module")
def path():
    return Library().find_decoder(load_config().model.name)


def test_it_is_small_and_says_its_licence_and_figures(path):
    assert path.stat().st_size <= 12_000_000
    info = load_decoder(path).info
    assert info["licence"] == "MIT"
    assert info["test"]["test_mse"] < 2e-4 and info["test"]["mesh"]["match"] > 0.999


def test_it_carries_a_map_of_its_timbres_and_has_its_encoder_beside_it(path):
    decoder = load_decoder(path)
    assert len(decoder.timbres.landmarks) == 768
    assert encoder_path(path).stat().st_size <= 12_000_000
    assert load_encoder(path, decoder).topology == decoder.topology


@pytest.mark.parametrize("note", [45, 60, 79, 96])
def test_its_notes_are_in_tune(path, note):
    instrument = Instrument(Engine(44100, 1), load_decoder(path))
    assert instrument.latents == 3
    rng = np.random.default_rng(note)
    for point in ([0.5] * 3, rng.random(3), rng.random(3)):
        instrument.set("glide", 0)
        instrument.set_latents(point)
        instrument.note_on("a", note, 100)
        signal = instrument.engine.render(30000)[6000:, 0]
        instrument.all_sound_off()
        instrument.engine.render(1024)
        size = 8 * len(signal)
        spectrum = np.abs(np.fft.rfft(signal * np.hanning(len(signal)), size))
        hertz = np.arange(len(spectrum)) * 44100 / size
        near = np.abs(hertz / note_to_hz(note) - 1) < 0.03
        found = hertz[near][spectrum[near].argmax()]
        assert abs(1200 * np.log2(found / note_to_hz(note))) < 5
