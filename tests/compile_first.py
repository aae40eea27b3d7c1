"""Compile what tests need, each thing once and beside each other, before several processes of tests want it at once.

The engine takes half a minute of two processors on a fresh checkout and after each change of it; librosa's inner
loops take 40 seconds after it was installed.  Later this takes two seconds.
"""

import subprocess
import sys

ENGINE = "from manned.engine import Engine"
LIBROSA = """
import librosa.core.pitch, librosa.sequence
import numpy as np
librosa.pyin(np.random.default_rng(0).normal(size=8192), sr=44100, fmin=100, fmax=400)
"""

if __name__ == "__main__":
    started = [subprocess.Popen([sys.executable, "-c", program]) for program in (ENGINE, LIBROSA)]
    sys.exit(max(process.wait() for process in started))
