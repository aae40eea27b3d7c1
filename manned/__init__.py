"""manned: a neural timbre synthesizer that runs as a background service.

This package is the daemon; it never imports ``training`` or TensorFlow.
"""

PROGRAM = "manned"
__version__ = "0.1.0"
