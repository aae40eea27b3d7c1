"""Answers by HTTP, with what a browser must be told so that nothing of them can be misused."""

from __future__ import annotations

import gzip
import json
from functools import lru_cache
from http import HTTPStatus

from websockets.datastructures import Headers
from websockets.http11 import Response

PAGE_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; media-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'"
)
"""Of a page: everything comes from here, nothing is inline, nobody frames it."""

PACKED_FROM = 1000
"""Bytes of an answer that are worth packing."""

DATA_POLICY = "default-src 'none'; frame-ancestors 'none'"


def answer(
    status: HTTPStatus, body: bytes = b"", kind: str = "text/plain; charset=utf-8", policy: str = DATA_POLICY
) -> Response:
    """An answer of some content type."""
    headers = Headers(
        {
            "Content-Type": kind,
            "Content-Length": str(len(body)),
            "Content-Security-Policy": policy,
            "Cross-Origin-Resource-Policy": "same-origin",
            "X-Content-Type-Options": "nosniff",
            "Referrer-Policy": "no-referrer",
            "Cache-Control": "no-store",
            "Connection": "close",
        }
    )
    if status is HTTPStatus.NO_CONTENT:
        del headers["Content-Type"], headers["Content-Length"]
    return Response(status.value, status.phrase, headers, body)


def sentence(status: HTTPStatus, text: str) -> Response:
    """An answer in words."""
    return answer(status, f"{text}\n".encode())


def as_json(value: object) -> bytes:
    """Plain values as JSON."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")


def data(value: object) -> Response:
    """An answer as JSON; bytes are JSON already."""
    return answer(HTTPStatus.OK, value if isinstance(value, bytes) else as_json(value), "application/json")


def elsewhere(path: str) -> Response:
    """An answer that leads to another path."""
    response = answer(HTTPStatus.FOUND)
    response.headers["Location"] = path
    return response


@lru_cache(maxsize=128)
def packed(body: bytes) -> bytes:
    """What is sent again and again, by gzip; it is worked out once, and as small as can be."""
    return gzip.compress(body, 9, mtime=0)


def pack(response: Response, accepted: str, again: bool = False) -> None:
    """Make an answer small by gzip, for who takes that.

    Parameters
    ----------
    response : Response
    accepted : str
        What ``Accept-Encoding`` says.
    again : bool
        Whether the same will be sent again.
    """
    ways = [way.partition(";") for way in accepted.replace(" ", "").lower().split(",")]
    takes = any(name == "gzip" and weight not in ("q=0", "q=0.0") for name, _, weight in ways)
    if takes and len(response.body) >= PACKED_FROM and "Content-Length" in response.headers:
        response.body = packed(bytes(response.body)) if again else gzip.compress(response.body, 3, mtime=0)
        del response.headers["Content-Length"]
        response.headers["Content-Length"] = str(len(response.body))
        response.headers["Content-Encoding"] = "gzip"


def unknown(text: str) -> Response:
    """An answer to somebody who must first say who they are."""
    response = sentence(HTTPStatus.UNAUTHORIZED, text)
    response.headers["WWW-Authenticate"] = "Bearer"
    return response
