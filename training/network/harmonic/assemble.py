"""From a harmonic fit to the decoder that is played and its encoder, in memory."""

from __future__ import annotations

import numpy as np

from manned.model.harmonic.chart import make_chart
from manned.model.harmonic.decoder_file import HarmonicDecoder, HarmonicEncoder
from manned.model.harmonic.forward import encode
from manned.model.harmonic.latents import Latents
from manned.model.harmonic.topology import frame_input
from training.corpus.harmonic.corpus import HarmonicCorpus
from training.network.fit_folder import stored
from training.network.harmonic.axes import BRIGHTNESS, axes
from training.network.harmonic.fit_folder import HarmonicFit

_PUREST = -4.0  # spreads of brightness below its mean: few sounds are pure tones, and yet one looks for them there
_PLACED = 4000  # clips whose place on the chart is written down


def assemble(
    fitted: HarmonicFit,
    corpus: HarmonicCorpus,
    name: str,
    licence: str = "",
    dtype: type = np.float16,
    measured: dict | None = None,
) -> tuple[HarmonicDecoder, HarmonicEncoder]:
    """The decoder of a fit, without a map of its timbres, and its encoder; weights as they come back from a file.

    Parameters
    ----------
    fitted : HarmonicFit
    corpus : HarmonicCorpus
        The one it was trained on.
    name, licence : str
        See `training.harmonic_export.export`.
    dtype : np.float16 or np.float32
        Of the file.
    measured : dict, optional
        Figures for its ``info``.

    Raises
    ------
    TrainingError
        When the corpus is not the one of the fit, or the weights do not fit the dtype.
    """
    fitted.check(corpus)
    rows = corpus.rows("train")
    frames = corpus.frames[rows]
    inputs = frame_input(frames.harmonics_db, frames.bands_db, frames.inharmonicity)
    raw = encode(fitted.topology, fitted.encoder, inputs, frames.f0_hz)
    found = axes(fitted.topology, fitted.decoder, raw, frames)
    decoder_weights = stored(fitted.folder, found.decoder(fitted.decoder), dtype)
    encoder_weights = stored(fitted.folder, found.encoder(fitted.encoder), dtype)
    latents = encode(fitted.topology, encoder_weights, inputs, frames.f0_hz)
    faders = Latents.of(latents, found.names)
    if found.names[0] == BRIGHTNESS:
        faders = faders.reaching_down_to(0, _PUREST)
    controls = faders.controls(latents)
    chart = make_chart(controls, found.change_db / found.change_db.max())
    correlation = np.corrcoef(controls.T) if controls.shape[1] > 1 else np.ones((1, 1))
    decoder = HarmonicDecoder(
        name,
        fitted.topology,
        decoder_weights,
        faders,
        chart,
        info={
            "corpus": {key: corpus.info[key] for key in ("frames", "digest", "sounds")}
            | {"clips": len(corpus.info["clips"])},
            "licence": licence,
            "training": {"recipe": fitted.settings["recipe"], "last": fitted.log[-1]},
            "changes_db": [round(float(change), 2) for change in found.change_db],
            "correlation": round(float(np.abs(correlation - np.diag(np.diag(correlation))).max()), 3),
            "places": _places(corpus, rows, controls, chart),
            "measured": measured or {},
        },
    )
    return decoder, HarmonicEncoder(fitted.topology, encoder_weights, decoder.digest())


def _places(corpus: HarmonicCorpus, rows: np.ndarray, controls: np.ndarray, chart) -> list[list]:
    """Name and place of each training clip on the chart: that of the frame nearest to the mean of its frames."""
    clips = corpus.clips[rows]
    numbers, own = np.unique(clips, return_inverse=True)
    counts = np.bincount(own)
    means = np.stack([np.bincount(own, column) / counts for column in controls.T], axis=1)
    apart = np.linalg.norm(controls - means[own], axis=1)
    order = np.lexsort([apart, own])
    places = chart.places(controls[order[np.concatenate([[0], np.cumsum(counts)[:-1]])]])
    named = [corpus.info["clips"][number]["name"] for number in numbers]
    return [[name, round(float(x), 3), round(float(y), 3)] for name, (x, y) in zip(named, places)][:_PLACED]
