"""Who may ask: programs and our own pages, and no page of another site.

A page of another site can make a browser on this computer ask us anything, and by
DNS rebinding it can even have its own name lead here.  So a request must name us by an address
or by a name of ours (``Host``), and where a browser says which page is behind it
(``Origin``, ``Sec-Fetch-Site``), it must be one of ours.
"""

from __future__ import annotations

import socket
from collections.abc import Iterable, Mapping
from ipaddress import ip_address
from urllib.parse import urlsplit

_FROM_HERE = ("same-origin", "none")
"""What a browser says of our own pages, and of an address that somebody typed."""


class Guard:
    """Lets requests in, or says why not.

    Parameters
    ----------
    names : iterable of str
        Host names that are ours, beside ``localhost`` and the computer's own.
    origins : iterable of str
        Other origins that may ask, such as ``http://localhost:8080``.
    """

    def __init__(self, names: Iterable[str] = (), origins: Iterable[str] = ()):
        own = socket.gethostname().lower()
        self._names = {"localhost", own, f"{own}.local", *(name.lower() for name in names)}
        self._origins = {origin.lower().rstrip("/") for origin in origins}

    def refusal(self, headers: Mapping[str, str]) -> str:
        """Why a request is not let in; empty when it is.

        Parameters
        ----------
        headers : mapping of str to str
            A header that came twice is not let in either.
        """
        try:
            host = headers.get("Host", "").lower()
            origin = headers.get("Origin", "").lower()
            site, mode = headers.get("Sec-Fetch-Site", ""), headers.get("Sec-Fetch-Mode", "")
        except LookupError:
            return "a header came twice"
        if not self._is_ours(host):
            return f"found Host {host[:80]!r}, allowed are addresses, localhost and web.names"
        if origin and not self.is_friend(origin) and origin != f"http://{host}":
            return f"found Origin {origin[:80]!r}, allowed are http://{host[:80]} and web.origins"
        # Without an origin a page can do nothing but have something shown; links to us are none of its doing.
        if site and site not in _FROM_HERE and not origin and mode != "navigate":
            return "another site's page asks"
        return ""

    def is_friend(self, origin: str) -> bool:
        """Whether an origin is one of those that the settings allow."""
        return origin.lower() in self._origins

    def _is_ours(self, host: str) -> bool:
        try:
            name = urlsplit(f"//{host}").hostname or ""
        except ValueError:
            return False
        if name in self._names:
            return True
        try:
            ip_address(name)
        except ValueError:
            return False
        return True
