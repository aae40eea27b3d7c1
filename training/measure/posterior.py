"""Posterior collapse: which latents of a β-VAE tell the decoder anything (paper, section VI)."""

from __future__ import annotations

import numpy as np

from manned import files
from manned.errors import TrainingError
from manned.limits import CLASSES
from manned.model import analysis
from training.corpus.corpus import Corpus
from training.measure.coding import chunks, decode, on_every_core, run
from training.network.fit_folder import Fitted

# A latent is active when its mean varies by more than this over the data (Burda et al. 2016, section 5.2).
ACTIVE_VARIANCE = 0.01
# Sweeps along each latent, from points drawn from the prior: so many, of so many steps, over so many deviations to
# either side.
_SWEEPS, _STEPS, _REACH = 256, 17, 2.0


def posterior(fitted: Fitted, corpus: Corpus) -> dict:
    """What the encoder of a β-VAE does with each latent, over the training set.

    Parameters
    ----------
    fitted : Fitted
        With a ``log_variance``.
    corpus : Corpus

    Returns
    -------
    dict
        One value a latent: ``divergence_nats`` (mean KL from the prior),
        ``variance_of_means``, ``mean_variance``; ``active``: whether the means
        vary by more than 0.01, which a collapsed latent's don't; ``class_changes``:
        share of the sweeps along it on which another pitch class sounds,
        all other latents (and the class asked for) held.

    Raises
    ------
    TrainingError
        When the fit is no β-VAE.
    """
    topology, log_variance = fitted.topology, fitted.log_variance
    if log_variance is None:
        raise TrainingError(f"fit {files.shown(fitted.folder)}: is no β-VAE")
    *layers, last = topology.encoder_layers()
    beside = (*last[:2], "linear")

    def measure(rows: np.ndarray) -> list[np.ndarray]:
        frames, conditions = corpus.batch(rows, topology.octaves)
        inputs = analysis.encoder_input(topology, frames.astype(np.float32), conditions)
        hidden = run(layers, fitted.encoder[:-1], topology.alpha, inputs)
        return [
            run([layer], [pair], topology.alpha, hidden).astype(np.float64)
            for layer, pair in ((last, fitted.encoder[-1]), (beside, log_variance))
        ]

    parts = on_every_core(measure, chunks(corpus.rows("train", topology.octaves)))
    means, log_variances = (np.concatenate(part) for part in zip(*parts))
    return {**summary(means, log_variances), "class_changes": _class_changes(fitted)}


def _class_changes(fitted: Fitted) -> list[float]:
    topology = fitted.topology
    rng = np.random.default_rng(0)
    points = rng.standard_normal((_SWEEPS, topology.bottleneck), dtype=np.float32)
    octaves = rng.choice(topology.octaves, _SWEEPS) if topology.octaves else None
    conditions = analysis.condition(rng.integers(0, CLASSES, _SWEEPS), octaves, topology.octaves)
    changes = []
    for latent in range(topology.bottleneck):
        classes = []
        for place in np.linspace(-_REACH, _REACH, _STEPS):
            points_there = points.copy()
            points_there[:, latent] = place
            classes.append(analysis.pitch_classes(decode(fitted, points_there, conditions), topology.samplerate))
        changes.append(float(np.mean(np.ptp(classes, axis=0) > 0)))
    return changes


def summary(means: np.ndarray, log_variances: np.ndarray) -> dict:
    """The measures of `posterior`, of means and log-variances [shape=(n, bottleneck) each]."""
    variances = np.exp(log_variances)
    divergences = 0.5 * (np.square(means) + variances - log_variances - 1.0)
    return {
        "divergence_nats": divergences.mean(axis=0).tolist(),
        "variance_of_means": means.var(axis=0).tolist(),
        "mean_variance": variances.mean(axis=0).tolist(),
        "active": (means.var(axis=0) > ACTIVE_VARIANCE).tolist(),
    }


def verdict(measures: dict) -> str:
    """Posterior collapse in plain words."""
    active = measures["active"]
    collapsed = [str(k + 1) for k, alive in enumerate(active) if not alive]
    if not collapsed:
        return f"no posterior collapse: all {len(active)} latents tell the decoder something"
    if len(collapsed) == len(active):
        return "posterior collapse: no latent tells the decoder anything, every timbre comes out the same; lower β"
    which = f"latent {collapsed[0]} tells" if len(collapsed) == 1 else f"latents {', '.join(collapsed)} tell"
    return (
        f"posterior collapse: {which} the decoder nothing and can be left alone, "
        f"{len(active) - len(collapsed)} of {len(active)} latents carry the sound"
    )
