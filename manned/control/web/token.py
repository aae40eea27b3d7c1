"""The token that lets in whoever knows it, where the page is open to a network.

It stands in the address that is printed once.  A browser that comes with it is given a cookie, so that the token is
not seen in its address line for long; a program may also send it as ``Authorization: Bearer`` or ``?token=``.
"""

from __future__ import annotations

import hmac
import os
import re
import secrets
from collections.abc import Mapping
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import parse_qsl

from ... import files

FILE = "web-token"
"""In the state folder, to be read by its owner alone."""

PARAMETER = "token"
"""In the query of an address."""

_MODE = 0o600
_BYTES = 18
_FIELDS = 16
_TOKEN = re.compile(r"[A-Za-z0-9_-]{16,128}")
_COOKIE_LASTS_S = 365 * 24 * 3600


def is_this_computer(host: str) -> bool:
    """Whether what listens on a host can be reached from this computer alone."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"


def read_token(folder: Path) -> str:
    """The token that is kept in a state folder; empty when there is none that is one.

    Raises
    ------
    OSError
        When it is closed to this user, or is no regular file.
    """
    try:
        text = files.read_bytes(folder / FILE, most=256).decode("ascii", "replace").strip()
    except FileNotFoundError:
        return ""
    return text if _TOKEN.fullmatch(text) else ""


def keep_token(folder: Path) -> tuple[str, bool]:
    """The token of a state folder, and whether it was made now.

    Raises
    ------
    OSError
        When it can be neither read nor written.
    """
    found = read_token(folder)
    if found:
        os.chmod(folder / FILE, _MODE)
        return found, False
    made = new_token()
    folder.mkdir(parents=True, exist_ok=True)
    files.write_text(folder / FILE, made + "\n", _MODE)
    return made, True


def new_token() -> str:
    """A token that nobody guesses."""
    return secrets.token_urlsafe(_BYTES)


class Doorkeeper:
    """Knows the token of one server.

    Parameters
    ----------
    token : str
        Empty lets everybody in.
    """

    def __init__(self, token: str = ""):
        self._token = token.encode()
        self._cookie = "manned"

    def at(self, port: int) -> None:
        """Say the port of the server; cookies of two servers on one host are told apart by it."""
        self._cookie = f"manned-{port}"

    def knows(self, headers: Mapping[str, str], query: str) -> bool:
        """Whether a request comes with the token."""
        if not self._token:
            return True
        offered = [*self._of_query(query), *self._of_headers(headers)]
        # Each in constant time, so that the time of an answer tells nothing of the token.
        return any(hmac.compare_digest(one.encode("utf-8", "replace"), self._token) for one in offered)

    def cookie_for(self, query: str) -> str:
        """The cookie for a browser whose address has the token; empty where none is wanted."""
        if not self._token or not self._of_query(query):
            return ""
        return f"{self._cookie}={self._token.decode()}; Path=/; Max-Age={_COOKIE_LASTS_S}; HttpOnly; SameSite=Lax"

    @staticmethod
    def _of_query(query: str) -> list[str]:
        try:
            return [value for name, value in parse_qsl(query, max_num_fields=_FIELDS) if name == PARAMETER]
        except ValueError:
            return []

    def _of_headers(self, headers: Mapping[str, str]) -> list[str]:
        try:
            kind, _, bearer = headers.get("Authorization", "").partition(" ")
            cookies = [part.strip().partition("=") for part in headers.get("Cookie", "").split(";")]
        except LookupError:  # a header came twice
            return []
        found = [value for name, _, value in cookies if name == self._cookie]
        return [*found, bearer.strip()] if kind.lower() == "bearer" else found


def without_token(query: str) -> str:
    """A query as it would be without a token."""
    return "&".join(part for part in query.split("&") if part.partition("=")[0] != PARAMETER)
