"""Pages: a folder of files, read once, and served as they are."""

from __future__ import annotations

import socket
from http import HTTPStatus
from pathlib import Path
from urllib.parse import urlencode

from websockets.http11 import Response

from .answers import PAGE_POLICY, answer, elsewhere, sentence
from .token import PARAMETER, is_this_computer

PREFIX = "/panel"
"""Where the pages are; no OSC address begins so."""

INDEX = "index.html"

KINDS = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".ico": "image/x-icon",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".webmanifest": "application/manifest+json",
    ".woff2": "font/woff2",
}
"""What is served, by the suffix of its file; other files are not."""


class Pages:
    """The files of a folder, kept in memory: a request names one of them and never a path on this machine.

    Parameters
    ----------
    folder : Path
        With an ``index.html``, and folders in it; one that is not there holds nothing.
    """

    def __init__(self, folder: Path):
        self._files = {
            path.relative_to(folder).as_posix(): (path.read_bytes(), KINDS[path.suffix])
            for path in sorted(folder.rglob("*"))
            if path.suffix in KINDS and path.is_file()
        }

    def __bool__(self) -> bool:
        return INDEX in self._files

    @staticmethod
    def holds(path: str) -> bool:
        """Whether a path of a request is one of the pages'."""
        return path == PREFIX or path.startswith(PREFIX + "/")

    def get(self, path: str) -> Response:
        """The file at a path that `holds`."""
        if path == PREFIX:
            return elsewhere(PREFIX + "/")
        found = self._files.get(path.removeprefix(PREFIX + "/") or INDEX)
        if found is None:
            return sentence(HTTPStatus.NOT_FOUND, f"{path[:80]}: no such page")
        return answer(HTTPStatus.OK, *found, PAGE_POLICY)


def page_address(host: str, port: int, token: str = "") -> str:
    """Where a browser on this computer finds the page of a server that listens on a host."""
    name = {"0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1"}.get(host, host)
    asked = f"?{urlencode({PARAMETER: token})}" if token else ""
    return f"http://{f'[{name}]' if ':' in name else name}:{port}/{asked}"


def network_address(host: str, port: int, token: str = "") -> str:
    """Where browsers of other devices find it; empty when they cannot, or when this computer is in no network."""
    if is_this_computer(host):
        return ""
    name = _towards_others() if host in ("0.0.0.0", "::", "") else host
    return page_address(name, port, token) if name else ""


def _towards_others() -> str:
    """The address that this computer has in the network of its default route; nothing is sent."""
    try:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            probe.connect(("192.0.2.1", 9))
            return probe.getsockname()[0]
    except OSError:
        return ""
