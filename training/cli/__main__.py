"""``python -m training.cli`` is ``manned-train``."""

from training.cli import main

main()
