"""The colours of the pad are what the decoder sounds like."""

import numpy as np
import pytest

from manned.library import SHIPPED
from manned.model.harmonic.ear import harmonic_levels
from manned.model.kinds import load_decoder
from manned.model.surface import SIDE, measure, plane


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
