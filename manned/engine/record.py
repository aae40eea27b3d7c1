"""What compiled functions are annotated with."""

from __future__ import annotations

import numpy as np

Record = np.void
"""One record of the shared memory, or a part of it: compiled code reads and writes its fields by name."""
