"""The colours of the pad are what the decoder sounds like."""

import numpy as np
import pytest
from small_decoder import small_decoder

from manned.engine import Engine, synthesis
from manned.engine.sizes import BINS, FFT, MODEL_RATE
from manned.engine.synthesis import AUDIBLE_HZ, LEVEL_RMS, QUIETEST
from manned.instrument import Instrument
from manned.library import SHIPPED
from manned.model.harmonic.ear import harmonic_levels
from manned.model.kinds import load_decoder
from manned.model.loudness import k_weight
from manned.model.surface import SIDE, measure, plane
from manned.model.training_sounds import training_sounds


@pytest.fixture(scope="module", params=["atlas", "atlas-spectrum"])
def decoder(request):
    return load_decoder(SHIPPED / f"{request.param}.safetensors")


@pytest.fixture(scope="module")
def middle(decoder):
    return np.full(decoder.latent_count, 0.5, np.float32)


def test_the_centroid_is_that_of_the_spectrum_that_is_played(decoder, middle):
    surface = measure(decoder, middle, 9, 4)
    rows, columns = surface.brightness.shape
    for row, column in ((0, 0), (rows // 2, columns // 3), (rows - 1, columns - 1)):
        frame = decoder.spectra(plane(decoder, middle)[row, column][None], 9, 4)[0].astype(float) ** 2
        hertz = np.linspace(0, decoder.samplerate / 2, len(frame))
        # Lobes of partials below the first bins, and noise above the frame's reach, differ a little.
        assert surface.brightness[row, column] == pytest.approx(frame @ hertz / frame.sum(), rel=0.1)


def test_noisier_places_have_less_of_their_power_in_harmonics(middle, decoder):
    if decoder.chart is None:
        pytest.skip("this kind does not tell noise from harmonics")
    surface = measure(decoder, middle, 0, 4)
    order = np.argsort(surface.noisiness, axis=None)
    points = plane(decoder, middle).reshape(-1, decoder.latent_count)
    shares = []
    for place in (order[0], order[-1]):
        frame = decoder.spectra(points[place][None], 0, 4)
        power = 10 ** (harmonic_levels(frame, np.array([261.6256]), np.zeros(1)) / 10)
        shares.append(power.sum() / np.square(frame, dtype=float).sum())
    assert shares[0] > shares[1] + 0.2


def test_a_decoder_of_the_papers_kind_has_its_pitch_class_measured(decoder, middle):
    surface = measure(decoder, middle, 7, 4)
    if decoder.chart is not None:
        assert surface.pitch_class.size == 0 and surface.counts.shape == surface.brightness.shape
    else:
        assert surface.pitch_class.shape == (SIDE, SIDE) and surface.counts.size == 0
        assert np.mean(surface.pitch_class == 7) > 0.8


def test_the_other_latents_stand_where_they_are(decoder, middle):
    points = plane(decoder, np.linspace(0, 1, decoder.latent_count))
    if decoder.chart is None:
        assert (points[..., 2:] == np.linspace(0, 1, decoder.latent_count, dtype=np.float32)[2:]).all()
        assert points[3, 5, :2].tolist() == pytest.approx([5 / (SIDE - 1), 3 / (SIDE - 1)])


def test_the_level_is_that_of_the_sound_at_equal_loudness(decoder, middle):
    surface = measure(decoder, middle, 0, 5)
    tonal = surface.noisiness.ravel() < 0.5  # of hiss, what lies above the audible is left out by whole bands
    order = np.argsort(np.where(tonal, surface.level.ravel(), np.nan))[: tonal.sum()]
    points = plane(decoder, middle).reshape(-1, decoder.latent_count)
    levels = []
    places = order[[0, len(order) // 2, -1]]
    for place in places:
        engine = Engine(44100.0, 1)
        instrument = Instrument(engine, decoder)
        instrument.set_latents([float(value) for value in points[place]])
        instrument.note_on(1, 72, 100)
        engine.render(22050)
        sound = engine.render(44100)
        levels.append(20 * np.log10(np.sqrt(np.mean(np.square(sound, dtype=float)))))
    told = surface.level.ravel()[places]
    assert np.diff(levels) == pytest.approx(np.diff(told), abs=1.0)


@pytest.mark.parametrize("place", [2, 5, 93, 500, 1671, 1672, 2000])
def test_a_bin_is_as_loud_as_the_engine_takes_it_to_be(place):
    frame = np.zeros(BINS, np.float32)
    frame[place] = 100.0
    hertz = place * MODEL_RATE / FFT
    power = max(float(k_weight(hertz)) * 1e4 if hertz < AUDIBLE_HZ else 0.0, QUIETEST)
    assert synthesis.spectrum_scale(frame) == pytest.approx(LEVEL_RMS * FFT / 4 * np.sqrt(3 / power), rel=1e-4)


def test_training_sounds_are_told_with_their_names_where_the_file_has_them(decoder):
    sounds = training_sounds(decoder)
    assert len(sounds) > 100 and all(0 <= one.x <= 1 and 0 <= one.y <= 1 for one in sounds)
    named = {name: (one.x, one.y) for one in sounds for name in one.names}
    if decoder.chart is None:
        assert named == {}
    else:
        assert len(named) > 3000 and named["fluidr3/004 Rhodes EP"] == (0.043, 0.565)


@pytest.mark.parametrize(
    "places", [None, 5, {"a": 1}, [[1, 2]], [["a", 2.0, 0.5]], [["a", float("nan"), 0.5]], ["abc"]]
)
def test_what_a_file_says_wrongly_of_its_sounds_is_left_out(places):
    decoder = small_decoder()
    decoder.info["places"] = places
    assert not any(one.names for one in training_sounds(decoder))
