"""Take the pictures of the page into a folder: ``make picture``."""

import math
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import soundfile

sys.path.insert(0, str(Path(__file__).parents[1]))

from browser import Browser
from played_page import PEAK, READY, Played
from tones import SAMPLERATE, tone

WIDTH, HEIGHT = 1280, 1440
BELOW = 500
KEYS = "adgj"
NOTES = (57, 60, 64)


def played(page, target):
    """Play a chord, move the pad, and keep what is seen."""
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


def sound_files(page, folder, target):
    """Drop sounds to be learned from, record a take, and keep what is seen below."""
    sounds = [folder / f"flute {number}.wav" for number in (1, 2, 3)]
    for seed, sound in enumerate(sounds):
        soundfile.write(sound, np.concatenate([tone(note, 4.0, 1.5, seed=seed) for note in NOTES]), SAMPLERATE)
    page.wait("!document.querySelector('#teach').hidden")
    page.drop("#teach .drop", *sounds)
    page.wait(f"document.querySelectorAll('.sounds li').length === {len(sounds)}")
    page.click("#record")
    page.wait(f"{PEAK} > -40")
    page.wait("document.querySelector('.takes').textContent.includes('being recorded')")
    time.sleep(2)
    page.click("#record")
    page.wait("document.querySelector('.takes a') !== null")
    page.resize(WIDTH, BELOW)
    page.run("scrollTo(0, document.documentElement.scrollHeight)")
    time.sleep(0.3)
    page.screenshot(target)


def take(pictures):
    """Keep both pictures."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as name:
        folder = Path(name)
        with Played(folder) as playing:
            browser = Browser(folder / "chromium")
            try:
                page = browser.open(playing.page, WIDTH, HEIGHT, (("prefers-color-scheme", "dark"),))
                page.wait(READY)
                played(page, pictures / "page.webp")
                sound_files(page, folder, pictures / "page-sounds.webp")
            finally:
                browser.close()


if __name__ == "__main__":
    take(Path(sys.argv[1]))
