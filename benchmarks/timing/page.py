"""The page: how large and how quick its first view is, and what three open pages cost while the pad moves.

The engine on a JACK device at 64 frames with four voices, its OSC and web server, and Chromium in another process.
The first view is there when it is online, its presets, its faders and the pad's colours are drawn; it is the first of a
browser that has kept nothing, the median of seven such browsers, and its bytes are those that came over the network.
Then three pages are open, all with meter and spectrum, and a mouse goes round on the pad of one of them, 60 times a
second or as often as the browser takes it.  The control thread's share is its processor time, by its own clock; the
callbacks that are late are compared with those of an idle client in the same time, a process of its own on the same
JACK server whose native callback only counts.
"""

from __future__ import annotations

import asyncio
import math
import multiprocessing
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from manned.control.web.facts import Facts
from manned.control.web.guard import Guard
from manned.control.web.pages import Pages
from manned.control.web.server import HostInfo, WebServer
from manned.library import SHIPPED_PRESETS
from manned.service.daemon import SWITCH_S
from manned.service.web import PAGES
from manned.state.preset_folder import PresetFolder

from ..borrowed import browser
from ..section import Section
from ..show import show
from .idle_client import idle_client, promise_no_later
from .machine import jack_server
from .served import Served, served

PERIOD = 64
RATE = 44100
OPEN = 3
VIEWS = 7
MOVES_A_SECOND = 60
BYTES, VIEW_S, SHARE = 300_000, 1.0, 0.20

SHOWN = """
(function look() {
  const all = (what) => document.querySelectorAll(what).length;
  const there = all(".preset") > 10 && all(".fader") > 50 && all(".legend span") && !all(".state.off");
  if (there) window.shown_ms = performance.now();
  else requestAnimationFrame(look);
})();
"""
"""Notes when the first view is there, in milliseconds after the page was asked for."""


def look(port: int, seconds: float, told: Connection) -> None:
    """Tell the first views' seconds and one's bytes, open the pages, and move the pad whenever it is asked to."""
    views = [_first_view(port) for _ in range(VIEWS)]
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        chromium = browser.Browser(Path(folder) / "kept")
        try:
            pages = [_open(chromium, f"http://127.0.0.1:{port}/") for _ in range(OPEN)]
            told.send(([seconds for seconds, _ in views], views[0][1]))
            for page in pages:
                page.run("document.querySelector('.spectrum').scrollIntoView({block: 'end'})")
            told.recv()
            left, top, width, height = pages[-1].box(".surface")
            begin = time.monotonic()
            number = 0
            while (now := time.monotonic() - begin) < seconds:
                turn = 2 * math.pi * now
                place = left + width * (0.5 + 0.4 * math.cos(turn)), top + height * (0.5 + 0.4 * math.sin(1.3 * turn))
                pages[-1].mouse("Moved" if number else "Pressed", *place)
                number += 1
                time.sleep(max(0.0, number / MOVES_A_SECOND - (time.monotonic() - begin)))
            told.send(number)
            told.recv()
        finally:
            chromium.close()


def _first_view(port: int) -> tuple[float, int]:
    """Seconds and bytes of the first view in a browser that has kept nothing."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        chromium = browser.Browser(Path(folder) / "kept")
        try:
            page = _open(chromium, f"http://127.0.0.1:{port}/")
            return page.run("shown_ms") / 1000, page.bytes_loaded()
        finally:
            chromium.close()


def _open(chromium: Any, address: str) -> Any:
    page = chromium.open("about:blank?")
    page.ask("Page.addScriptToEvaluateOnNewDocument", source=SHOWN)
    page.ask("Page.navigate", url=address)
    page.wait("window.shown_ms")
    return page


def measure(seconds: float = 30.0) -> Section:
    """Run idle, with three pages open, and with the pad moving, for so many seconds each."""
    sys.setswitchinterval(SWITCH_S)  # as the daemon does
    section = Section()
    if browser.CHROMIUM is None:
        section.text("Not measured: there is no Chromium.")
        return section
    with jack_server(PERIOD), idle_client(RATE, PERIOD) as idle_late:
        asyncio.run(_measure(section, seconds, idle_late))
    return section


async def _measure(section: Section, seconds: float, idle_late: Callable[[], int]) -> None:
    async with served(RATE) as playing:
        facts = Facts(playing.instrument, PresetFolder(None, SHIPPED_PRESETS))
        web = WebServer(playing.server.receiver, "127.0.0.1", 0, HostInfo(), Guard(), Pages(PAGES), facts)
        await web.start()
        try:
            await _compare(section, playing, web, seconds, idle_late)
        finally:
            await web.stop()


async def _compare(
    section: Section, playing: Served, web: WebServer, seconds: float, idle_late: Callable[[], int]
) -> None:
    stream = playing.open(RATE, PERIOD)
    spawning = multiprocessing.get_context("spawn")
    told, telling = spawning.Pipe()
    viewer = spawning.Process(target=look, args=(web.port, seconds, telling), daemon=True)

    def figures() -> tuple[float, int, int, int]:
        status = playing.engine.status()
        return time.thread_time(), status["late_callbacks"], status["late_spectra"], idle_late()

    async def during(ends: Callable[[], object]) -> list[float]:
        """The control thread's share, and what is late, until something ends."""
        before, begin = figures(), time.monotonic()
        await asyncio.to_thread(ends)
        now = [new - old for new, old in zip(figures(), before)]
        return [now[0] / (time.monotonic() - begin), *now[1:]]

    await asyncio.sleep(2)
    idle = await during(lambda: time.sleep(seconds))
    viewer.start()
    views_s, view_bytes = await asyncio.to_thread(told.recv)
    view_s = statistics.median(views_s)
    opened = await during(lambda: time.sleep(seconds))
    told.send("move")
    moves: list[int] = []
    moving = await during(lambda: moves.append(told.recv()))
    told.send("end")
    await asyncio.to_thread(viewer.join)
    stream.close()

    section.text(
        f"4 voices, {PERIOD} frames, {seconds:g} s each; the pad was moved {moves[0] / seconds:.0f} times a second"
    )
    names = ("control thread, of a core", "late callbacks", "late spectra", "late callbacks of an idle client")
    columns = (idle, opened, moving)
    section.table(
        ("", "idle", f"{OPEN} pages open", "and the pad moves"),
        [
            (name, *(f"{one[row]:.1%}" if row == 0 else int(one[row]) for one in columns))
            for row, name in enumerate(names)
        ],
    )
    shortest, longest = min(views_s), max(views_s)
    section.text(f"The first view took {view_s:.2f} s, between {shortest:.2f} and {longest:.2f} s in {VIEWS} browsers.")
    section.promise(
        "bytes of the first view", f"at most {BYTES // 1000} kB", f"{view_bytes / 1000:.0f} kB", view_bytes <= BYTES
    )
    section.promise("the first view", f"within {VIEW_S:g} s", f"{view_s:.2f} s", view_s <= VIEW_S)
    share = moving[0]
    section.promise(
        "the control thread, three pages and the pad", f"at most {SHARE:.0%} of a core", f"{share:.1%}", share <= SHARE
    )
    promise_no_later(section, "late callbacks with three pages", int(moving[1]), int(moving[3]))


if __name__ == "__main__":
    show(measure)
