"""The decoders that come with the program are there, may be given away, and are in tune."""

import numpy as np
import pytest

from manned.config import load_config
from manned.engine import Engine
from manned.instrument import Instrument
from manned.library import Library
from manned.model.encoder_file import encoder_path
from manned.model.pitch import note_to_hz

NAMES = ("atlas", "atlas-spectrum")


def test_the_first_of_them_is_the_one_that_plays_from_the_start():
    assert load_config().model.name == NAMES[0]
    assert Library().decoders() == ["atlas", "atlas-0.1", "atlas-spectrum"]


@pytest.mark.parametrize("name", NAMES)
def test_each_is_small_and_says_its_licence(name):
    path = Library().find_decoder(name)
    assert path.stat().st_size <= 12_000_000 and encoder_path(path).stat().st_size <= 12_000_000
    assert Library().read_decoder(name).facts()["licence"] == "MIT"


@pytest.mark.parametrize("name", NAMES)
def test_each_carries_a_map_of_its_timbres_and_has_its_encoder_beside_it(name):
    decoder, encoder = Library().read_encoder(name)
    assert len(decoder.timbres.landmarks) == 768
    assert encoder.topology == decoder.topology


def test_what_was_measured_of_them_is_in_the_files():
    spectrum = Library().read_decoder("atlas-spectrum").info
    assert spectrum["test"]["test_mse"] < 1.3e-4 and spectrum["test"]["mesh"]["match"] > 0.98
    measured = Library().read_decoder("atlas").info["measured"]
    nearness = measured["nearness"]
    assert nearness["harmonic"]["harm_db"] < 2.5 and nearness["harmonic"]["erb_db"] < 5.0
    assert nearness["lookup"]["harm_db"] > 2 * nearness["harmonic"]["harm_db"]


def test_the_chart_is_occupied_and_names_its_sounds():
    decoder = Library().read_decoder("atlas")
    assert decoder.chart.occupied > 0.6
    assert decoder.latent_names[:3] == ("brightness", "noise", "hollowness")
    assert all(0 <= x <= 1 and 0 <= y <= 1 for _, x, y in decoder.info["places"])


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("note", [45, 60, 79, 96])
def test_its_notes_are_in_tune(name, note):
    instrument = Instrument(Engine(44100, 1), Library().read_decoder(name))
    rng = np.random.default_rng(note)
    count = instrument.latents
    for point in ([0.5] * count, rng.random(count), rng.random(count)):
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
