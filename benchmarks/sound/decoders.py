"""The tests' decoder of known frames, for what must be measured on a pure tone."""

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parents[2] / "tests"))

from harmonic_decoder import harmonic_decoder, harmonic_frame

__all__ = ["harmonic_decoder", "harmonic_frame"]
