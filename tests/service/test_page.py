"""The page in a real browser, on a running instrument."""

import json
import re
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
from browser import CHROMIUM
from free_port import free_port
from midi_port import APPEARS_WITHIN_S, keyboard
from played_page import FADERS, ONLINE, PEAK, READY, SILENT, Played, value
from running import command
from websockets.sync.client import connect

from manned.control.osc.packet import read_packet, write_message
from manned.control.web.workshop.workshop import LESSON

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium: apt-get install chromium")

ROOT = Path(__file__).parents[2]
AXE = [*ROOT.glob(".venv/node_modules/axe-core/axe.min.js"), *Path(sys.prefix).glob("node_modules/axe-core/axe.min.js")]
PANEL = ROOT / "manned" / "control" / "web" / "panel"
INDEX = PANEL / "index.html"
FIRST_VIEW_BYTES = 300_000


@pytest.fixture
def page(chromium, manned):
    manned.send("/allsoundoff")
    opened = chromium.open(manned.page)
    opened.wait(ONLINE)
    opened.wait(READY)
    opened.wait("document.querySelectorAll('#pad-tools option').length > 1")
    yield opened
    assert opened.complaints() == []


def test_a_note_of_the_mouse_moves_the_meter_and_its_end_lets_it_fall(page):
    page.wait(SILENT)
    left, top, width, height = page.box(".key[data-note='60']")
    page.mouse("Pressed", left + width / 2, top + 0.8 * height)
    page.wait(f"{PEAK} > -40")
    assert page.run("document.querySelector('.key[data-note=\"60\"]').classList.contains('down')")
    page.mouse("Released", left + width / 2, top + 0.8 * height)
    page.wait(SILENT)


def test_two_fingers_play_two_notes_and_slide_from_key_to_key(page, manned):
    places = []
    for note in (60, 64, 67):
        left, top, width, height = page.box(f".key[data-note='{note}']")
        places.append((left + width / 2, top + 0.8 * height))
    down = "[...document.querySelectorAll('.key.down')].map(key => Number(key.dataset.note)).join()"
    page.touch("Start", *places[:2])
    page.wait(f"{down} === '60,64'")
    page.touch("Move", places[0], places[2])
    page.wait(f"{down} === '60,67'")
    page.wait("document.querySelector('.figure').value.startsWith('2 ')")
    page.touch("End")
    page.wait(f"{down} === ''")


def test_the_keys_of_the_computer_play_but_not_while_a_name_is_typed(page):
    page.key("d", "KeyD", up=False)
    page.wait(f"{PEAK} > -40")
    page.key("d", "KeyD", down=False)
    page.wait(SILENT)
    page.run("document.querySelector('input[type=search]').focus()")
    page.key("d", "KeyD", up=False)
    assert page.run("document.querySelectorAll('.key.down').length") == 0
    page.key("d", "KeyD", down=False)


def test_panic_ends_the_drone(page):
    page.click("#gate")
    page.wait(f"{PEAK} > -40 && document.getElementById('gate').getAttribute('aria-pressed') === 'true'")
    page.key("Escape")
    page.wait(SILENT)


def test_the_pad_moves_every_latent_and_at_most_thirty_times_a_second(page, manned):
    with connect(f"ws://127.0.0.1:{manned.web}", proxy=None) as other:
        other.send(json.dumps({"COMMAND": "LISTEN", "DATA": "/xy"}))
        other.send(write_message("/sync", 1))
        other.recv(10)
        left, top, width, height = page.box(".surface")
        page.mouse("Pressed", left + 5, top + 5)
        begun = time.monotonic()
        for step in range(150):
            page.mouse("Moved", left + 5 + (width - 10) * step / 149, top + height * 0.4)
        took = time.monotonic() - begun
        page.mouse("Released", left + width - 5, top + height * 0.4)
        heard = []
        try:
            while True:
                heard.append(read_packet(other.recv(0.5)))
        except TimeoutError:
            pass
    assert 2 < len(heard) <= 30 * took + 5
    x, y = map(float, manned.ask("/xy").split())
    assert x > 0.95 and abs(y - 0.6) < 0.05
    last = getattr(heard[-1], "elements", heard[-1:])[-1]
    assert last.arguments == pytest.approx((x, y), abs=1e-4)
    assert float(value(page, "/latent/1")) == pytest.approx(float(manned.ask("/latent/1")), abs=0.006)


def test_the_colours_of_the_pad_are_measured(page):
    shades = page.run(
        "(c => { const d = c.getContext('2d').getImageData(0, 0, c.width, c.height).data; const s = new Set();"
        " for (let i = 0; i < d.length; i += 400) s.add(`${d[i]} ${d[i + 1]} ${d[i + 2]}`); return s.size; })"
        "(document.querySelector('.surface canvas'))"
    )
    assert shades > 50


def test_undo_takes_the_move_of_a_fader_back_and_redo_does_it_again(page):
    shown = "document.querySelector('[data-path=\"/reverb/predelay\"] output').value"
    before = page.run(shown)
    page.click("[data-path='/reverb/predelay'] input")
    moved = page.run(shown)
    assert moved != before
    page.click("#undo")
    page.wait(f"{shown} === '{before}'")
    page.click("#redo")
    page.wait(f"{shown} === '{moved}'")


def test_a_corner_of_an_envelope_can_be_dragged(page, manned):
    manned.send("/env/sustain", 1)
    page.wait("document.querySelector('[data-path=\"/env/sustain\"] output').value === '1'")
    left, top, width, height = page.box(".envelope .corner:nth-of-type(2)")
    page.mouse("Pressed", left + width / 2, top + height / 2)
    page.mouse("Moved", left + width / 2 + 10, top + height / 2 + 20)
    page.mouse("Released", left + width / 2 + 10, top + height / 2 + 20)
    page.wait("Number(document.querySelector('[data-path=\"/env/sustain\"] output').value) < 0.9")
    assert float(value(page, "/env/sustain")) == pytest.approx(float(manned.ask("/env/sustain")), abs=0.006)


def test_another_model_brings_its_own_faders_and_colours(page, manned):
    page.run(
        "(s => { s.value = 'atlas-spectrum'; s.dispatchEvent(new Event('change')); })"
        "(document.querySelector('.model select'))"
    )
    page.wait("document.querySelectorAll('[data-path^=\"/latent/\"]').length === 8")
    page.wait("[...document.querySelector('#pad-tools select').options].some(one => one.value === 'pitch')")
    manned.send("/xy", 0.25, 0.75)
    page.wait("document.querySelector('[data-path=\"/latent/2\"] output').value === '0.75'")
    manned.send("/model", "atlas")
    page.wait("document.querySelectorAll('[data-path^=\"/latent/\"]').length === 16")


def test_a_double_click_on_a_pin_loads_its_preset(page, manned):
    manned.send("/preset/load", "bass/Acid")
    listed = "fetch('/panel/presets.json').then(answer => answer.json())"
    place = page.run(f"{listed}.then(told => told.presets.find(one => one.name === 'plucked/Harmonics').place)")
    left, top, width, height = page.box(".surface")
    x, y = left + width * place[0], top + height * (1 - place[1])
    for clicks in (1, 2):
        for kind in ("Pressed", "Released"):
            page.mouse(kind, min(x, left + width - 2), max(y, top + 2), clicks)
    page.wait("document.querySelector('[aria-current]')?.textContent.startsWith('Acid') === false")


def test_two_pages_and_another_client_agree(page, chromium, manned):
    second = chromium.open(manned.page)
    second.wait(ONLINE)
    second.wait(FADERS)
    left, top, width, height = page.box("[data-path='/macro/4'] input")
    page.mouse("Pressed", left + 0.7 * width, top + height / 2)
    page.mouse("Released", left + 0.7 * width, top + height / 2)
    shown = value(page, "/macro/4")
    assert float(shown) > 0.6
    second.wait(f"document.querySelector('[data-path=\"/macro/4\"] output').value === '{shown}'")
    manned.send("/tempo", 90)
    for one in (page, second):
        one.wait("document.querySelector('[data-path=\"/tempo\"] output').value === '90 BPM'")
        one.wait("document.querySelector('#doing-place dd').textContent === '/tempo 90'")


def test_a_double_click_and_the_delete_key_set_the_default(page, manned):
    for back in (lambda: page.click("[data-path='/brightness'] input", 2), lambda: page.key("Delete")):
        manned.send("/brightness", 0.8)
        page.wait("document.querySelector('[data-path=\"/brightness\"] output').value === '0.80'")
        page.run("document.querySelector('[data-path=\"/brightness\"] input').focus()")
        back()
        page.wait("document.querySelector('[data-path=\"/brightness\"] output').value === '0'")
        assert float(manned.ask("/brightness")) == 0


def test_a_preset_is_found_by_kind_and_words_and_loaded(page, manned):
    page.run(
        "(s => { s.value = 'bells'; s.dispatchEvent(new Event('change')); })(document.querySelector('#presets select'))"
    )
    page.run("document.querySelector('input[type=search]').focus()")
    for letter in "celesta":
        page.key(letter)
    page.wait("document.querySelectorAll('.preset').length === 1")
    page.click(".preset")
    page.wait("document.querySelector('.preset').getAttribute('aria-current') === 'true'")
    assert manned.ask("/preset/load").strip("'\"") == "bells/Celesta"


def test_a_preset_is_saved_and_then_in_the_list(page):
    page.run("document.querySelector('#presets form input').value = 'Found on the page'")
    page.click("#presets form button")
    page.wait("[...document.querySelectorAll('.preset')].some(one => one.textContent.startsWith('Found on the page'))")


def test_the_drone_takes_a_pitch_class_or_a_mix(page, manned):
    page.click(".class:nth-child(8)")
    page.wait("document.querySelector('.class:nth-child(8)').getAttribute('aria-pressed') === 'true'")
    assert manned.ask("/chroma") in ("7", "G")
    page.click("#chroma-tools button")
    page.click(".class:nth-child(1)")
    page.wait("document.querySelectorAll('.class[aria-pressed=true]').length === 2")
    assert [number for number, weight in enumerate(manned.ask("/chroma/weights").split()) if float(weight)] == [0, 7]
    manned.send("/chroma", 0)


def test_what_it_is_doing_is_told(page):
    rows = "[...document.querySelectorAll('#doing-place div')]"
    page.wait(f"{rows}.length > 5")
    told = dict(page.run(f"{rows}.map(row => [...row.children].map(one => one.textContent))"))
    assert told["State"] == "silent" and told["Model"] == "atlas" and told["Sample rate"] == "44100 Hz"
    assert told.keys() > {"Load", "Late callbacks", "Late spectra", "Latency of the limiter", "Voices"}


def test_midi_learn_waits_for_the_control_that_is_touched(page, manned):
    page.click("#midi-tools button")
    page.click("[data-path='/reverb/mix'] input")
    page.wait("document.querySelector('#midi-place p').textContent.includes('/reverb/mix')")
    assert manned.ask("/midi/learn").strip("'\"") == "/reverb/mix"
    page.click("#midi-tools button")
    page.wait("document.querySelector('#midi-place p').textContent === ''")
    assert manned.ask("/midi/learn") == ""


def test_a_knob_is_learned_and_the_page_says_which_way_it_must_go_to_pick_its_control_up(
    chromium, jack_server, tmp_path
):
    options = ("--set", "midi.api=jack", "--set", "midi.takeover=pickup")
    row = "[...document.querySelectorAll('#midi-place tbody tr')].find(row => row.textContent.includes('/reverb/mix'))"
    with keyboard("knobs") as send, Played(tmp_path, *options) as manned:
        page = chromium.open(manned.page)
        page.wait(READY)
        page.click("#midi-tools button")
        page.click("[data-path='/reverb/mix'] input")
        page.wait("document.querySelector('#midi-place p').textContent.includes('move a knob')")
        learned = "document.querySelector('#midi-place p').textContent.startsWith('/reverb/mix is moved by 1:30')"
        deadline = time.monotonic() + APPEARS_WITHIN_S
        while not page.run(learned):
            assert time.monotonic() < deadline, page.run("document.querySelector('#midi-place').textContent")
            send([0xB0, 30, 100])
        page.box("#midi-place table")

        def turned(knob, shows, waits):
            send([0xB0, 30, knob])
            page.wait(f"{row}?.querySelector('.way').textContent === '{waits}'")
            page.wait(f"document.querySelector('[data-path=\"/reverb/mix\"] output').value === '{shows}'")
            assert f"{float(manned.ask('/reverb/mix')):.2f}" == shows

        for elsewhere, waits, on_its_way, picked_up in ((0.25, "waiting ↓", 60, 20), (0.5, "waiting ↑", 30, 90)):
            manned.send("/reverb/mix", elsewhere)
            turned(on_its_way, f"{elsewhere:.2f}", waits)
            turned(picked_up, f"{picked_up / 127:.2f}", "")
        assert page.complaints() == []


def test_all_can_be_done_by_keyboard_alone(page, manned):
    seen = []
    for _ in range(220):
        page.key("Tab")
        seen.append(
            page.run(
                "(e => e.dataset.note || e.parentElement?.dataset.path || e.id || e.className)(document.activeElement)"
            )
        )
        if seen[-1] == "surface":
            before = manned.ask("/xy")
            page.key("ArrowRight", shift=True)
            page.wait("true")
            deadline = time.monotonic() + 5
            while manned.ask("/xy") == before and time.monotonic() < deadline:
                pass
            assert manned.ask("/xy") != before
        if seen[-1] == "60":
            page.key("Enter", up=False)
            page.wait(f"{PEAK} > -40")
            page.key("Enter", down=False)
    for one in ("gate", "panic", "surface", "60", "/macro/1", "/octave", "/latent/1", "/reverb/time"):
        assert one in seen, (one, seen)


def test_it_comes_back_by_itself_when_the_instrument_was_killed_and_still_has_the_last_verdict(chromium, tmp_path):
    kept = {"format": 1, "name": "Flute", "state": "done", "lines": ["Two faders."], "problem": ""}
    with Played(tmp_path) as first:
        page = chromium.open(first.page)
        page.wait(ONLINE)
        first.process.kill()
        page.wait("document.getElementById('state').textContent.startsWith('offline')")
        (tmp_path / "state").mkdir(exist_ok=True)
        (tmp_path / "state" / LESSON).write_text(json.dumps(kept))  # as it is written at the end of a lesson
    with Played(tmp_path, port=first.web) as second:
        second.send("/macro/1", 0.9)
        page.wait(ONLINE, 30)
        page.wait("document.querySelector('[data-path=\"/macro/1\"] output').value === '0.90'")
        verdict = "document.querySelector('#teach .ended').innerText"
        page.wait(f"{verdict}.startsWith('Flute is made') && {verdict}.includes('Two faders.')")
        assert page.run("document.querySelector('#teach .play') !== null")
        page.click("#teach .dismiss")
        page.wait(f"{verdict} === ''")
        assert not (tmp_path / "state" / LESSON).exists()


@pytest.mark.parametrize("width", [320, 1280, 3840])
def test_nothing_is_wider_than_the_window(chromium, manned, width):
    page = chromium.open(manned.page, width, 640)
    page.wait(ONLINE)
    page.wait(FADERS)
    page.run("document.querySelectorAll('details').forEach(one => one.open = true)")
    assert page.run("document.documentElement.scrollWidth") <= width


@pytest.mark.skipif(not AXE, reason="the npm package axe-core is not in .venv")
@pytest.mark.parametrize("scheme", ["dark", "light"])
def test_axe_finds_no_fault(chromium, manned, scheme):
    page = chromium.open(manned.page, features=(("prefers-color-scheme", scheme), ("prefers-reduced-motion", "reduce")))
    page.wait(ONLINE)
    page.wait(READY)
    page.run("document.querySelectorAll('details').forEach(one => one.open = true)")
    page.run(AXE[0].read_text() + "\n;0")
    found = page.run("axe.run().then(all => all.violations.map(v => `${v.impact} ${v.id}: ${v.nodes[0].html}`))")
    assert found == []


def test_the_first_view_is_small(chromium, manned):
    page = chromium.open(manned.page)
    page.wait(ONLINE)
    page.wait("document.querySelectorAll('.preset').length > 10")
    time.sleep(0.3)
    page.run("0")
    assert 10_000 < page.bytes_loaded() <= FIRST_VIEW_BYTES


def test_another_sites_page_can_do_nothing(chromium, manned, tmp_path):
    port = free_port()
    site = subprocess.Popen(
        [sys.executable, "-m", "http.server", str(port), "--bind", "127.0.0.1", "--directory", str(tmp_path)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    (tmp_path / "index.html").write_text("<!doctype html><title>other</title>")
    try:
        deadline = time.monotonic() + 10
        while socket.socket().connect_ex(("127.0.0.1", port)) and time.monotonic() < deadline:
            time.sleep(0.05)
        page = chromium.open(f"http://127.0.0.1:{port}/")
        opens = (
            "new Promise(told => { const socket = new WebSocket('ws://127.0.0.1:%d/');"
            " socket.onopen = () => told('open'); socket.onclose = () => told('shut'); })"
        )
        assert page.run(opens % manned.web) == "shut"
        reads = "fetch('http://127.0.0.1:%d/gate').then(() => 'read', () => 'refused')"
        assert page.run(reads % manned.web) == "refused"
    finally:
        site.terminate()
        site.wait(5)


def test_a_command_says_where_it_is():
    assert command("page", "--print", "--port", 8123).stdout == "http://127.0.0.1:8123/\n"
    assert "web port" in command("page", "--help").stdout


def test_the_log_says_where_it_is(manned):
    assert re.search(rf"INFO: page on http://127\.0\.0\.1:{manned.web}/", manned.log.read_text())


def test_every_file_of_it_is_small_and_is_packaged():
    assert "control/web/panel/*" in (ROOT / "setup.cfg").read_text()
    for path in PANEL.iterdir():
        assert path.is_file() and path.stat().st_size < 20_000
        assert not re.search(r"(src|href)=[\"']?https?:|from [\"']https?:", path.read_text())


def test_every_module_is_asked_for_by_the_first_answer_and_not_by_another_module():
    named = set(re.findall(r'<(?:script type="module" src|link rel="modulepreload" href)="([^"]+)"', INDEX.read_text()))
    assert named == {path.name for path in PANEL.glob("*.js")}
