"""``python -m manned`` is the command ``manned``."""

from .cli import main

main(prog_name="manned")
