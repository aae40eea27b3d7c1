"""Take a picture of the page while it is played: ``make picture``."""

import math
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from browser import Browser
from running import RunningManned, free_port

WIDTH, HEIGHT = 1280, 900
KEYS = "adgj"


def take(target):
    """Play a chord, move the pad, and keep what is seen as a PNG or WebP file."""
    folder = Path(tempfile.mkdtemp())
    port = free_port()
    options = ("--set", f"web.port={port}", "--set", "model.name=atlas")
    with RunningManned(folder, *options):
        browser = Browser(folder / "chromium")
        try:
            page = browser.open(f"http://127.0.0.1:{port}/", WIDTH, HEIGHT, (("prefers-color-scheme", "dark"),))
            page.wait("document.querySelectorAll('.preset').length > 10")
            page.wait("document.querySelectorAll('.fader').length > 50")
            for key in KEYS:
                page.key(key, f"Key{key.upper()}", up=False)
            left, top, width, height = page.box(".surface")
            for step in range(60):
                turn = 2 * math.pi * step / 60
                x, y = left + width * (0.6 + 0.22 * math.cos(turn)), top + height * (0.42 + 0.25 * math.sin(turn * 1.3))
                page.mouse("Moved" if step else "Pressed", x, y)
                time.sleep(0.02)
            page.run("scrollTo(0, 0)")
            time.sleep(0.3)
            page.screenshot(target)
        finally:
            browser.close()


if __name__ == "__main__":
    take(sys.argv[1])
