"""Memory as the kernel counts it: that of libraries too."""

import contextlib
import re
from pathlib import Path

MOST_BYTES = 256 << 20
"""For one input, and what may stay after all of them."""


class Resident:
    """The resident memory of this process, from now on.

    Its peak is reset, where the kernel lets us; elsewhere what was reached before is not seen again.
    """

    def __init__(self):
        with contextlib.suppress(OSError):
            Path("/proc/self/clear_refs").write_text("5")
        self._before, _ = self._now()

    def grew(self) -> int:
        """Bytes that it was above its beginning at most."""
        return self._now()[1] - self._before

    def kept(self) -> int:
        """Bytes that it is above its beginning now."""
        return self._now()[0] - self._before

    def _now(self) -> tuple[int, int]:
        """Bytes now, and at most so far."""
        found = dict(re.findall(r"^(VmRSS|VmHWM):\s+(\d+) kB", Path("/proc/self/status").read_text(), re.MULTILINE))
        return int(found["VmRSS"]) << 10, int(found["VmHWM"]) << 10
