"""Decoders of the paper's published code, as Keras of any age saves them, as decoder files.

That code saves a chain of Dense layers, each but the last followed by a
LeakyReLU or with one as its activation, and a last one with ReLU; the input is the latents, followed by the
one-hot chroma, C first, when the model was trained with the skip.
"""

from __future__ import annotations

import itertools
import os
from pathlib import Path

import numpy as np

from manned.errors import ModelError
from manned.model.decoder_file import Decoder
from manned.model.topology import CLASSES, Topology
from training.keras_file import Layer, read_chain


def import_decoder(
    path: str | os.PathLike[str],
    name: str,
    *,
    latents: int | None = None,
    bottleneck_activation: str = "sigmoid",
    latent_range: tuple[float, float] | None = None,
    octave: int = 4,
) -> Decoder:
    """Read a decoder that Keras saved with ``decoder.save('….h5')`` or ``decoder.save('….keras')``.

    Parameters
    ----------
    path : path
    name : str
        What the decoder is called in the instrument.
    latents : int, optional
        How many of its inputs are latents.  By default all of them when there
        are 12 or fewer, else all but the last 12, which are the chroma.
    bottleneck_activation : {'sigmoid', 'leaky_relu'}
        Of the encoder; the decoder's file does not tell.
    latent_range : (float, float), optional
        Lowest and highest value of the latents; (0, 1) for a sigmoid.
    octave : int
        Octave that the decoder speaks in; its file does not tell.

    Returns
    -------
    Decoder

    Raises
    ------
    ModelError
        When the file cannot be read, is not such a chain, or its weights do not fit it.
    """
    path = Path(path)
    if latent_range is None:
        if bottleneck_activation != "sigmoid":
            raise ModelError(f"{path}: latents that are not bounded by a sigmoid need their range, such as -3 3")
        latent_range = (0.0, 1.0)
    layers = read_chain(path)
    topology = _topology(path, layers, latents, bottleneck_activation)
    return Decoder(
        name=name,
        topology=topology,
        weights=[layer.weights for layer in layers],
        latent_range=np.tile(latent_range, (topology.bottleneck, 1)),
        octave=octave,
        info={"imported": path.name},
    )


def _topology(path: Path, layers: list[Layer], latents: int | None, bottleneck_activation: str) -> Topology:
    activations = [layer.activation for layer in layers]
    if activations != ["leaky_relu"] * (len(layers) - 1) + ["relu"] or len(layers) < 2:
        raise ModelError(
            f"{path}: activations are {', '.join(map(str, activations)) or 'missing'}, "
            "allowed are leaky_relu and, last, relu"
        )
    alphas = {layer.alpha or 0.0 for layer in layers[:-1]}
    if len(alphas) > 1:
        raise ModelError(f"{path}: its LeakyReLU slopes are {sorted(alphas)}, allowed is one for all")
    shapes = [layer.weights[0].shape for layer in layers]
    if any(outputs != inputs for (_, outputs), (inputs, _) in itertools.pairwise(shapes)):
        raise ModelError(f"{path}: its kernels have shapes {shapes}, each must take what the one before gives")
    inputs, bins = shapes[0][0], shapes[-1][1]
    if latents is None:
        bottleneck = inputs - CLASSES if inputs > CLASSES else inputs
    else:
        bottleneck = latents
    skip = inputs != bottleneck
    if inputs != bottleneck + (CLASSES if skip else 0):
        raise ModelError(
            f"{path}: {inputs} inputs, allowed are {bottleneck} latents alone or with {CLASSES} pitch classes "
            "beside them"
        )
    n_fft = 2 * (bins - 1)
    if n_fft < 4 or n_fft & (n_fft - 1):
        raise ModelError(f"{path}: {bins} outputs, allowed is one more than a power of two, such as 2049")
    return Topology(
        widths=tuple(outputs for _, outputs in reversed(shapes[:-1])),
        bottleneck=bottleneck,
        bottleneck_activation=bottleneck_activation,
        augmentation="chroma",
        skip=skip,
        alpha=alphas.pop(),
        n_fft=n_fft,
        hop=n_fft // 4,
    )
