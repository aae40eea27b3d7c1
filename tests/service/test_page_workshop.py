"""Sound files on the page in a real browser: teaching from three of them, a gesture, a take."""

import io
import re
import shutil
import urllib.request

import numpy as np
import pytest
import soundfile
from browser import CHROMIUM
from played_page import ONLINE, PEAK, READY
from tones import tone

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium: apt-get install chromium")

RATE = 44100
LEARNS_WITHIN_S = 240.0  # it gets the time that nobody else wants


@pytest.fixture
def page(chromium, manned):
    opened = chromium.open(manned.page)
    ready(opened)
    yield opened
    assert opened.complaints() == []


def ready(page):
    page.wait(ONLINE)
    page.wait(f"{READY} && !document.getElementById('gesture').hidden")  # what is told last


@pytest.fixture(scope="module")
def sounds(tmp_path_factory):
    folder = tmp_path_factory.mktemp("sounds")
    for take, decay in enumerate((0.8, 1.4, 2.0)):
        notes = [tone(note, 0.5, decay=decay, seed=take) for note in (57, 59, 60, 62)]
        soundfile.write(folder / f"take {take}.wav", np.concatenate(notes), RATE)
    return sorted(folder.iterdir())


def text(selector):
    return f"(document.querySelector('{selector}')?.innerText ?? '')"


def test_three_sounds_that_are_dropped_become_a_decoder_that_plays(page, manned, sounds):
    page.drop("#teach .drop", *sounds)
    page.wait("document.querySelectorAll('#teach .sounds li').length === 3")
    page.run("document.querySelector('#teach input[type=text]').value = 'Three sounds'")
    page.run("document.querySelector('#teach select').value = 'quick'")
    page.click("#teach button[type=submit]")
    page.wait(f"{text('#teach .job')}.includes('Three sounds: listening')", LEARNS_WITHIN_S)
    page.reload()
    ready(page)
    page.wait(f"/about .* left/.test({text('#teach .job')})")
    page.wait("document.querySelector('#teach progress').value > 0.3", LEARNS_WITHIN_S)
    page.wait("document.querySelector('#teach .play') !== null", LEARNS_WITHIN_S)
    verdict = page.run(text("#teach .ended"))
    assert "Pitched: 6 s of the 6 s that can be heard" in verdict and "faders" in verdict
    assert "2 s of one note at a time" in page.run(text("#teach .sounds"))
    page.click("#teach .play")
    page.wait("document.querySelector('.model select').value === 'Three sounds'")
    page.wait("document.querySelectorAll('[data-path^=\"/latent/\"]').length === 6")
    page.key("d", "KeyD", up=False)
    page.wait(f"{PEAK} > -40")
    page.key("d", "KeyD", down=False)
    manned.send("/model", "atlas")


def test_what_teaches_nothing_is_said_and_nothing_is_left(page, sounds, tmp_path):
    soundfile.write(tmp_path / "wind.wav", 0.1 * np.random.default_rng(0).standard_normal(RATE), RATE)
    (tmp_path / "notes.txt").write_text("no sound")
    page.click("#teach form button[type=button]")
    page.wait("document.querySelector('#teach .sounds').hidden")
    page.drop("#teach .drop", tmp_path / "wind.wav", tmp_path / "notes.txt")
    page.wait(f"{text('#teach .problem')}.includes('allowed are .wav')")
    page.wait("document.querySelectorAll('#teach .sounds li').length === 1")
    page.run("document.querySelector('#teach input[type=text]').value = 'Wind'")
    page.click("#teach button[type=submit]")
    page.wait(f"{text('#teach .ended')}.includes('no instrument to learn')", LEARNS_WITHIN_S)
    assert "taught nothing: 1 s of noise" in page.run(text("#teach .sounds"))
    assert page.run("document.querySelector('#teach .play') === null")


def test_a_recording_that_is_dropped_becomes_a_gesture(page, manned, sounds, tmp_path):
    shutil.copy(sounds[0], tmp_path / "Bowed.wav")
    page.drop("#gesture .drop", tmp_path / "Bowed.wav")
    page.wait("document.querySelector('#gesture .use') !== null", LEARNS_WITHIN_S)
    assert "said by atlas with a difference of" in page.run(text("#gesture .ended"))
    page.click("#gesture .use")
    page.wait("[...document.querySelectorAll('.choice select')].some(one => one.value === 'Bowed')")
    assert manned.ask("/gesture").strip("'\"") == "Bowed"


def test_a_take_is_recorded_fetched_and_deleted(page, manned):
    page.click("#record")
    page.wait(f"{text('#takes .takes')}.includes('being recorded')")
    page.key("d", "KeyD", up=False)
    page.wait(f"{PEAK} > -40")
    page.key("d", "KeyD", down=False)
    page.click("#record")
    page.wait("document.querySelector('#takes a[download]') !== null")
    where = page.run("document.querySelector('#takes a[download]').href")
    with urllib.request.urlopen(where) as answer:
        sound, samplerate = soundfile.read(io.BytesIO(answer.read()))
    assert samplerate == RATE and np.abs(sound).max() > 0.01
    page.click("#takes li button")
    page.wait("document.querySelector('#takes audio').duration > 0.1")
    assert re.search(r"\d s, ", page.run(text("#takes .takes")))
    page.click("#takes li button:last-child")
    page.click("#takes li button:last-child")
    page.wait(f"{text('#takes .takes')}.includes('Nothing is recorded yet')")
