"""A decoder of RAVE, asked for one frame of 2,048 samples after the other, as nn~ and its like do."""

# PyTorch may be missing.
# pyright: reportMissingImports=false

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from .player import Held, main

LEVEL = 0.5


def decoder(samplerate: int) -> Callable[[Held], np.ndarray]:
    """A decoder with random weights, on one core."""
    import torch

    from .rave_decoder import LATENTS, RaveDecoder

    torch.set_num_threads(1)
    torch.manual_seed(0)
    network = RaveDecoder().eval()

    @torch.inference_mode()
    def decode(held: Held) -> np.ndarray:
        latents = torch.full((1, LATENTS, 1), held.timbre) + torch.randn(1, LATENTS, 1)
        sound = network(latents)
        return (LEVEL * sound / sound.abs().max()).numpy()

    return decode


if __name__ == "__main__":
    main("rave", decoder)
