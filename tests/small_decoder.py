"""The harmonic decoder under a name of its own, in memory and as a file."""

from dataclasses import replace
from pathlib import Path

from harmonic_decoder import harmonic_decoder

from manned.model.decoder_file import Decoder, save_decoder


def small_decoder(name: str = "small") -> Decoder:
    """An audible decoder of two latents that is loaded in no time."""
    return replace(harmonic_decoder(), name=name, info={"licence": "MIT"})


def small_decoder_file(folder: Path, name: str = "small") -> Path:
    """The same as a file in a folder."""
    return save_decoder(small_decoder(name), folder / f"{name}.safetensors")
