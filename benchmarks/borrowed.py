"""What the benchmarks borrow of the tests, which are no package: small decoders, a browser, ports, hostile packets."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from manned.model.decoder_file import Decoder

TESTS = Path(__file__).parents[1] / "tests"


def _module(name: str) -> Any:
    for folder in (TESTS, TESTS / "control" / "osc"):
        if str(folder) not in sys.path:
            sys.path.append(str(folder))
    return importlib.import_module(name)


harmonic_decoder: Callable[..., Decoder] = _module("harmonic_decoder").harmonic_decoder
harmonic_frame: Callable[..., np.ndarray] = _module("harmonic_decoder").harmonic_frame
small_decoder: Callable[..., Decoder] = _module("small_decoder").small_decoder
small_decoder_file: Callable[[Path], Path] = _module("small_decoder").small_decoder_file
browser: Any = _module("browser")
free_port: Callable[[], int] = _module("free_port").free_port
bundle: Callable[..., bytes] = _module("hostile_packets").bundle
crafted_patterns: Callable[[], bytes] = _module("hostile_packets").crafted_patterns
damaged: Callable[..., Iterator[bytes]] = _module("hostile_packets").damaged
notorious: Callable[[], dict[str, bytes]] = _module("hostile_packets").notorious
