"""Answers by HTTP, with what a browser must be told so that nothing of them can be misused."""

from __future__ import annotations

import json
from http import HTTPStatus

from websockets.datastructures import Headers
from websockets.http11 import Response

PAGE_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
"""Of a page: everything comes from here, nothing is inline, nobody frames it."""

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


def data(value: object) -> Response:
    """An answer as JSON."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return answer(HTTPStatus.OK, text.encode("utf-8", "replace"), "application/json")


def elsewhere(path: str) -> Response:
    """An answer that leads to another path."""
    response = answer(HTTPStatus.FOUND)
    response.headers["Location"] = path
    return response
