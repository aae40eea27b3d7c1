"""The decoder of RAVE, version 2, in PyTorch, made for streaming: each layer keeps the end of what it heard before.

From 128 latents, each standing for 2,048 samples, a convolution makes 1,536 channels; four blocks
(upsampling by 2, 4, 4 and 4, dilated residual units) make 96 channels of them, the last
convolution 16 bands with an amplitude for each, and a filter bank of 16 bands the sound.  The structure is
that of the published settings ``v2``; the weights are random, for what it costs is the same.

See A. Caillon and P. Esling, "RAVE: A variational autoencoder for fast and high-quality neural audio
synthesis" (2021), and "Streamable Neural Audio Synthesis with Non-Causal Convolutions" (2022).
"""

# PyTorch may be missing.
# pyright: reportMissingImports=false, reportAttributeAccessIssue=false

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import nn
from torch.nn.functional import leaky_relu

LATENTS, CAPACITY, BANDS = 128, 96, 16
RATIOS = (2, 4, 4, 4)
DILATIONS = ((1, 3), (1, 3, 9), (1, 3, 9), (1, 3, 9))
KERNEL, WIDE_KERNEL = 3, 7
BANK_TAPS = 33
SLOPE = 0.2
HOP = BANDS * int(np.prod(RATIOS))
"""Samples that one frame of latents stands for."""


class CausalConvolution(nn.Module):
    """A convolution that goes on where it stopped, of any length at a time."""

    def __init__(self, inputs: int, outputs: int, kernel: int, dilation: int = 1):
        super().__init__()
        self.convolution = nn.Conv1d(inputs, outputs, kernel, dilation=dilation)
        self.past = torch.zeros(1, inputs, (kernel - 1) * dilation)

    def forward(self, values: Any) -> Any:
        """Channels [shape=(1, outputs, steps)] of channels [shape=(1, inputs, steps)]."""
        values = torch.cat([self.past, values], dim=2)
        self.past = values[:, :, values.shape[2] - self.past.shape[2] :]
        return self.convolution(values)


class Upsampling(nn.Module):
    """A transposed convolution that keeps what hangs over its end."""

    def __init__(self, inputs: int, outputs: int, ratio: int):
        super().__init__()
        self.convolution = nn.ConvTranspose1d(inputs, outputs, 2 * ratio, stride=ratio, bias=False)
        self.over = torch.zeros(1, outputs, ratio)

    def forward(self, values: Any) -> Any:
        """Channels of ``ratio`` times as many steps."""
        values = self.convolution(leaky_relu(values, SLOPE))
        steps = self.over.shape[2]
        values[:, :, :steps] += self.over
        self.over = values[:, :, -steps:].clone()
        return values[:, :, :-steps]


class DilatedUnit(nn.Module):
    """A dilated convolution and one of a single step, beside what goes past them."""

    def __init__(self, channels: int, dilation: int):
        super().__init__()
        self.dilated = CausalConvolution(channels, channels, KERNEL, dilation)
        self.single = nn.Conv1d(channels, channels, 1)

    def forward(self, values: Any) -> Any:
        """As many channels and steps."""
        return values + self.single(leaky_relu(self.dilated(leaky_relu(values, SLOPE)), SLOPE))


class RaveDecoder(nn.Module):
    """Latents to samples."""

    def __init__(self) -> None:
        super().__init__()
        channels = CAPACITY * 2 ** len(RATIOS)
        layers: list[nn.Module] = [CausalConvolution(LATENTS, channels, WIDE_KERNEL)]
        for ratio, dilations in zip(RATIOS, DILATIONS):
            layers.append(Upsampling(channels, channels // 2, ratio))
            channels //= 2
            layers += [DilatedUnit(channels, dilation) for dilation in dilations]
        self.layers = nn.Sequential(*layers)
        self.waves = CausalConvolution(channels, 2 * BANDS, WIDE_KERNEL)
        self.bank = CausalConvolution(BANDS, BANDS, BANK_TAPS)
        self.bank.convolution.weight.data[:] = torch.from_numpy(_bank())

    def forward(self, latents: Any) -> Any:
        """Samples [shape=(steps * 2048,)] of latents [shape=(1, 128, steps)]."""
        bands, amplitudes = self.waves(leaky_relu(self.layers(latents), SLOPE)).chunk(2, dim=1)
        return self.bank(torch.tanh(bands * torch.sigmoid(amplitudes)))[0].T.reshape(-1)


def _bank() -> np.ndarray:
    """The filter bank's phases [shape=(samples of a step, bands, taps)]: a low-pass, moved to each band by a cosine."""
    length = BANDS * BANK_TAPS
    times = np.arange(length) - (length - 1) / 2
    low_pass = np.sinc(times / (2 * BANDS)) * np.kaiser(length, 9.0) / (2 * BANDS)
    bands = np.arange(BANDS)[:, None]
    turned = np.cos((2 * bands + 1) * np.pi / (2 * BANDS) * times - (-1.0) ** bands * np.pi / 4)
    filters = (2 * BANDS * low_pass * turned).reshape(BANDS, BANK_TAPS, BANDS)
    return filters.transpose(2, 0, 1)[:, :, ::-1].astype(np.float32).copy()
