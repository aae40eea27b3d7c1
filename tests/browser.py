"""Chromium without a window, driven by its DevTools protocol: a real page for the tests."""

import base64
import contextlib
import json
import shutil
import subprocess
import time
from pathlib import Path

from websockets.sync.client import connect

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
WAITS_S = 20.0

_FLAGS = (
    "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync --disable-dev-shm-usage --remote-debugging-port=0"
).split()


class Browser:
    """One Chromium; `open` makes a page.

    Parameters
    ----------
    folder : path
        Empty, for what it keeps.
    """

    def __init__(self, folder):
        self._folder = Path(folder)
        self._process = subprocess.Popen(
            [CHROMIUM, *_FLAGS, f"--user-data-dir={folder}", "about:blank"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        port = self._folder / "DevToolsActivePort"
        _wait(lambda: port.exists() and len(port.read_text().splitlines()) == 2, "Chromium did not start")
        self._port, path = port.read_text().splitlines()
        self._browser = _Session(f"ws://127.0.0.1:{self._port}{path}")

    def open(self, address, width=1280, height=900, features=()):
        """A new page of a size in pixels, with media features such as ("prefers-color-scheme", "light")."""
        target = self._browser.ask("Target.createTarget", url="about:blank")["targetId"]
        page = Page(f"ws://127.0.0.1:{self._port}/devtools/page/{target}")
        page.resize(width, height)
        features = [{"name": name, "value": value} for name, value in features]
        page.ask("Emulation.setEmulatedMedia", features=features)
        page.ask("Page.navigate", url=address)
        page.wait("document.readyState === 'complete' && location.href !== 'about:blank'")
        return page

    def close(self):
        self._process.terminate()
        self._process.wait(10)


class _Session:
    """Questions and answers of the protocol."""

    def __init__(self, address):
        self._open = contextlib.ExitStack()
        self._socket = self._open.enter_context(connect(address, proxy=None, max_size=None, ping_interval=None))
        self._number = 0
        self.events = []

    def ask(self, method, **parameters):
        self._number += 1
        self._socket.send(json.dumps({"id": self._number, "method": method, "params": parameters}))
        while True:
            message = json.loads(self._socket.recv(WAITS_S))
            if message.get("id") == self._number:
                assert "error" not in message, (method, message["error"])
                return message["result"]
            self.events.append(message)


class Page(_Session):
    """A page, and what a person does with it.

    Attributes
    ----------
    events : list
        What the browser told of it, see `complaints`.
    """

    def __init__(self, address):
        super().__init__(address)
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.ask(f"{domain}.enable")

    def run(self, script):
        """The value of an expression, awaited."""
        result = self.ask("Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True)
        assert "exceptionDetails" not in result, result["exceptionDetails"]
        return result["result"].get("value")

    def wait(self, script, seconds=WAITS_S):
        """Wait until an expression is true; its value."""
        return _wait(lambda: self.run(script), f"waited for in vain: {script}", seconds)

    def resize(self, width, height):
        self.ask("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False)

    def key(self, key, code="", down=True, up=True, shift=False):
        """Press a key, or only one half of that."""
        text = {"Enter": "\r"}.get(key, key if len(key) == 1 else "")
        codes = {"Tab": 9, "Enter": 13, "Escape": 27, "Delete": 46, "ArrowLeft": 37, "ArrowUp": 38, "ArrowRight": 39}
        told = {"key": key, "code": code or key, "modifiers": 8 * shift, "windowsVirtualKeyCode": codes.get(key, 0)}
        if down:
            self.ask("Input.dispatchKeyEvent", type="keyDown", text=text, **told)
        if up:
            self.ask("Input.dispatchKeyEvent", type="keyUp", **told)

    def box(self, selector):
        """Left, top, width and height of an element, brought into sight."""
        return self.run(
            f"(e => {{ e.scrollIntoView({{block: 'center'}}); const b = e.getBoundingClientRect();"
            f" return [b.left, b.top, b.width, b.height]; }})(document.querySelector({json.dumps(selector)}))"
        )

    def mouse(self, kind, x, y, clicks=1):
        """``Pressed``, ``Moved`` or ``Released`` at a place."""
        self.ask("Input.dispatchMouseEvent", type=f"mouse{kind}", x=x, y=y, button="left", buttons=1, clickCount=clicks)

    def click(self, selector, clicks=1):
        left, top, width, height = self.box(selector)
        for number in range(1, clicks + 1):
            for kind in ("Pressed", "Released"):
                self.mouse(kind, left + width / 2, top + height / 2, number)

    def touch(self, kind, *places):
        """``Start``, ``Move`` or ``End`` of fingers at places ``(x, y)``."""
        points = [{"x": x, "y": y, "id": number} for number, (x, y) in enumerate(places)]
        self.ask("Input.dispatchTouchEvent", type=f"touch{kind}", touchPoints=points)

    def reload(self):
        """Load it anew."""
        self.run("window.isOld = true")
        self.ask("Page.reload")
        self.wait("!window.isOld && document.readyState === 'complete'")

    def drop(self, selector, *paths):
        """Drop files on an element."""
        left, top, width, height = self.box(selector)
        dragged = {"items": [], "files": [str(path) for path in paths], "dragOperationsMask": 1}
        for kind in ("dragEnter", "dragOver", "drop"):
            self.ask("Input.dispatchDragEvent", type=kind, x=left + width / 2, y=top + height / 2, data=dragged)

    def screenshot(self, path):
        """Keep a picture of it, of the kind that its suffix says: ``.png`` or ``.webp``."""
        kind = Path(path).suffix[1:]
        picture = self.ask("Page.captureScreenshot", format=kind, **({"quality": 85} if kind == "webp" else {}))
        Path(path).write_bytes(base64.b64decode(picture["data"]))

    def complaints(self):
        """Errors of its console, its scripts and its security policy."""
        self.run("0")
        told = [event for event in self.events if event.get("method") in ("Runtime.exceptionThrown", "Log.entryAdded")]
        entries = [event["params"].get("entry", event["params"]) for event in told]
        return [entry for entry in entries if entry.get("level", "error") == "error"]

    def bytes_loaded(self):
        """How much came over the network."""
        ends = [event for event in self.events if event.get("method") == "Network.loadingFinished"]
        return sum(event["params"]["encodedDataLength"] for event in ends)


def _wait(condition, complaint, seconds=WAITS_S):
    deadline = time.monotonic() + seconds
    while not (value := condition()):
        assert time.monotonic() < deadline, complaint
        time.sleep(0.05)
    return value
