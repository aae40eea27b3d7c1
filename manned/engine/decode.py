"""The decoder, native: latents and pitch class to magnitude spectra, many voices in one batch.

Every product is a fused multiply-add in a fixed order, so a spectrum comes out
the same to the last bit whatever batch it was computed in: what is played live
and what is rendered offline cannot differ.
"""

from __future__ import annotations

import numba as nb
import numpy as np

from ..errors import ModelError
from ..limits import CLASSES
from ..model.harmonic.decoder_file import HarmonicDecoder
from ..model.harmonic.latents import POINTS
from ..model.harmonic.scale import BANDS, HARMONICS
from ..model.kinds import AnyDecoder
from .atomics import as_pointer
from .dense import GROUP, TILE, tile_product_group, tile_product_one
from .harmonic_frame import HARMONIC, fill_harmonic_input
from .native import native
from .record import Record
from .sizes import BINS, FFT, LATENTS, MODEL_RATE

OCTAVES = 16
LAYERS = 64
STRIDE = 2080  # floats per row of the decode scratch: BINS in whole tiles

MODEL = np.dtype(
    [
        ("kind", "i4"),
        ("weights", "i8"),  # address
        ("layers", "i4"),
        ("layout", "i8", (LAYERS, 5)),  # inputs, outputs, weight offset, bias offset, activation
        ("alpha", "f4"),
        ("latents", "i4"),
        # of the paper's kind
        ("latent_low", "f4", LATENTS),
        ("latent_high", "f4", LATENTS),
        ("skip", "i4"),
        ("repeated", "i4"),  # inputs, the last ones, that every layer is given
        ("octaves", "i4"),
        ("octave", "i4", OCTAVES),
        ("own_octave", "i4"),
        # of the kind harmonic
        ("quantiles", "f4", (LATENTS, POINTS)),
        ("harmonics", "i4"),
    ],
    align=True,
)
"""A decoder's facts, and where its weights lie."""

QUESTION = np.dtype(
    [
        ("latents", "f4", LATENTS),
        ("pitch_class", "i4"),
        ("octave", "i4"),
        ("mixture", "i4"),  # whether several classes are asked for, by their weights
        ("weights", "f4", CLASSES),
        ("model", "i4"),
        ("pitch_hz", "f8"),  # frequency that is to sound
        ("tilt", "f4"),  # see `modulation.tilt_of`; of frames of the kind harmonic
    ],
    align=True,
)
"""What is asked of the decoder for one frame."""

REQUEST = np.dtype(
    [
        ("question", QUESTION),
        ("note_hz", "f8"),  # frequency that the model was asked for; 0 when it was no single note
        ("shift", "f8"),  # how much higher than drawn a frame of no single note is to sound
        ("f0", "f8"),  # the frame's own note in bins; 0 when it has none
        ("tuning", "f8"),  # frequency that is to sound over the frame's own
        ("spectrum", "f4", BINS),
        ("harmonic", HARMONIC),
    ],
    align=True,
)
"""A question, and what came back: a frame as loud as every other, and its pitch."""

SPECTRUM_KIND, HARMONIC_KIND = 0, 1
LEAKY_RELU, RELU, SQUARE, LINEAR = 0, 1, 2, 3
ACTIVATIONS = {"leaky_relu": LEAKY_RELU, "relu": RELU, "square": SQUARE, "linear": LINEAR}


def check_model(decoder: AnyDecoder) -> None:
    """Raise a `ModelError` for a decoder whose frames are not the engine's, or that is too big for it."""
    layers = decoder.topology.decoder_layers()
    widest = STRIDE - TILE if decoder.topology.repeated_inputs else STRIDE  # padded, they come before what is repeated
    if isinstance(decoder, HarmonicDecoder):
        needed = [("bands", decoder.topology.bands, BANDS)]
        limits = [("harmonics", decoder.topology.harmonics, HARMONICS)]
    else:
        needed = [("n_fft", decoder.topology.n_fft, FFT), ("samplerate", decoder.topology.samplerate, MODEL_RATE)]
        limits = [("octaves", len(decoder.topology.octaves), OCTAVES)]
    for what, found, allowed in needed:
        if found != allowed:
            raise ModelError(f"decoder {decoder.name}: {what} is {found}, the engine plays {allowed}")
    for what, found, most in (
        ("latents", decoder.latent_count, LATENTS),
        ("layers", len(layers), LAYERS),
        ("widest layer", max(inputs for inputs, _, _ in layers), widest),
        *limits,
    ):
        if found > most:
            raise ModelError(f"decoder {decoder.name}: {what} is {found}, the engine plays at most {most}")


def set_model(model: np.void, decoder: AnyDecoder) -> np.ndarray:
    """Write a decoder's facts into a `MODEL`; returns the weights, which must live as long as it is used."""
    weights, rows = pack_weights(decoder)
    model["weights"] = weights.ctypes.data
    model["layers"] = len(rows)
    model["layout"][: len(rows)] = rows
    model["alpha"] = decoder.topology.alpha
    model["repeated"] = decoder.topology.repeated_inputs
    count = model["latents"] = decoder.latent_count
    if isinstance(decoder, HarmonicDecoder):
        model["kind"] = HARMONIC_KIND
        model["quantiles"][:count] = decoder.latents.quantiles
        model["harmonics"] = decoder.topology.harmonics
        model["skip"] = model["octaves"] = 0
        return weights
    topology = decoder.topology
    model["kind"] = SPECTRUM_KIND
    model["latent_low"][:count] = decoder.latent_range[:, 0]
    model["latent_high"][:count] = decoder.latent_range[:, 1]
    model["skip"] = topology.skip
    model["octaves"] = len(topology.octaves)
    model["octave"][: len(topology.octaves)] = topology.octaves
    model["own_octave"] = decoder.octave
    return weights


def pack_weights(decoder: AnyDecoder) -> tuple[np.ndarray, list[tuple[int, int, int, int, int]]]:
    """All weights of a decoder in one float32 array, and where each layer lies in it.

    Outputs are padded with zeros to whole tiles (see `dense`), and the next layer's
    inputs with them.  The inputs that every layer is given come after them.
    Returns the array and rows of (inputs, padded outputs, weight offset, bias offset, activation).
    """
    repeated = decoder.topology.repeated_inputs
    parts, layout, offset, inputs_padded = [], [], 0, None
    for (inputs, outputs, activation), (weight, bias) in zip(decoder.topology.decoder_layers(), decoder.weights):
        rows = inputs if inputs_padded is None else inputs_padded + repeated
        tiles = -(-outputs // TILE)
        padded = np.zeros((rows, tiles * TILE), dtype=np.float32)
        padded[: inputs - repeated, :outputs] = weight[: inputs - repeated]
        padded[rows - repeated :, :outputs] = weight[inputs - repeated :]
        biases = np.zeros(tiles * TILE, dtype=np.float32)
        biases[:outputs] = bias
        parts += [padded.reshape(rows, tiles, TILE).swapaxes(0, 1).ravel(), biases]
        layout.append((rows, tiles * TILE, offset, offset + padded.size, ACTIVATIONS[activation]))
        offset += padded.size + biases.size
        inputs_padded = tiles * TILE
    return np.concatenate(parts), layout


@native
def _activate(values: np.ndarray, activation: int, alpha: float) -> None:
    if activation == LEAKY_RELU:
        for j in range(len(values)):
            value = values[j]
            values[j] = value if value > 0 else alpha * value
    elif activation == RELU:
        for j in range(len(values)):
            values[j] = max(values[j], np.float32(0))
    elif activation == SQUARE:
        for j in range(len(values)):
            values[j] *= values[j]


@native
def fill_input(model: Record, question: Record, rows: np.ndarray, row: int) -> None:
    """Write the decoder's input for one question into a row: latents in their range, then the condition.

    The weights of a mixture are made to add up to 1: then its classes are nearest to equally loud when their
    weights are equal, and the input lies between those the model was trained on.
    """
    base = row * STRIDE
    if model.kind == HARMONIC_KIND:
        fill_harmonic_input(model, question, rows, base)
        return
    count = model.latents
    for i in range(model.layout[0, 0]):
        rows[0, base + i] = 0.0
    for i in range(count):
        low = model.latent_low[i]
        rows[0, base + i] = low + (model.latent_high[i] - low) * question.latents[i]
    if model.skip:
        if question.mixture:
            total = np.float32(0)
            for k in range(CLASSES):
                total += question.weights[k]
            for k in range(CLASSES):
                rows[0, base + count + k] = question.weights[k] / total
        else:
            rows[0, base + count + question.pitch_class] = 1.0
        if model.octaves > 0:
            rows[0, base + count + 12 + nearest_octave(model, question.octave)] = 1.0


@native
def nearest_octave(model: Record, octave: int) -> int:
    """Index of the model's octave nearest to the wanted one."""
    best = 0
    for k in range(model.octaves):
        if abs(model.octave[k] - octave) < abs(model.octave[best] - octave):
            best = k
    return best


@native
def run_layers(model: Record, rows: np.ndarray, count: int) -> int:
    """Decode ``count`` rows that `fill_input` wrote; returns which half of ``rows`` holds the spectra."""
    last = model.layout[model.layers - 1]
    weights = nb.carray(as_pointer(model.weights), (last[3] + last[1],), np.float32)
    source = 0
    for k in range(model.layers):
        inputs, outputs, weight_at, bias_at, activation = (
            model.layout[k, 0],
            model.layout[k, 1],
            model.layout[k, 2],
            model.layout[k, 3],
            model.layout[k, 4],
        )
        x, y = rows[source], rows[1 - source]
        for column in range(0, outputs, TILE):
            tile_at = weight_at + column * inputs
            row = 0
            while row + GROUP <= count:
                at = row * STRIDE
                tile_product_group(x, at, y, at + column, STRIDE, weights, tile_at, bias_at + column, inputs)
                row += GROUP
            while row < count:
                at = row * STRIDE
                tile_product_one(x, at, y, at + column, STRIDE, weights, tile_at, bias_at + column, inputs)
                row += 1
        for row in range(count):
            _activate(y[row * STRIDE : row * STRIDE + outputs], activation, model.alpha)
            if k + 1 < model.layers:
                for i in range(model.repeated):
                    y[row * STRIDE + outputs + i] = x[row * STRIDE + inputs - model.repeated + i]
        source = 1 - source
    return source


@native
def take_spectrum(model: Record, rows: np.ndarray, half: int, row: int, request: Record) -> None:
    """Copy a decoded row into its request, NaN and denormals as zero, and note what was asked for."""
    base = row * STRIDE
    for j in range(BINS):
        value = rows[half, base + j]
        request.spectrum[j] = value if 1e-9 < value < 1e9 else np.float32(0)
    question = request.question
    request.note_hz = 0.0
    request.shift = 1.0
    if model.skip:
        octave = model.octave[nearest_octave(model, question.octave)] if model.octaves > 0 else model.own_octave
        note_hz = 440.0 * 2.0 ** ((question.pitch_class + 12 * (octave + 1) - 69) / 12.0)
        if question.mixture:
            request.shift = question.pitch_hz / note_hz
        else:
            request.note_hz = note_hz
    request.harmonic.given = 0
