"""How much feedback there is at most."""

from __future__ import annotations

MAX_SUBSCRIBERS = 64
"""Controllers that are subscribed at the same time."""

LAPSE_S = 600.0
"""Seconds without a packet after which a subscription by UDP ends."""

PATIENCE_S = 10.0
"""Seconds for which an outlet may take nothing before it is given up."""

MAX_ALONE = 8
"""Values that are told in messages of their own in one tick; more of them are told in bundles."""

MAX_DATAGRAM = 1400
"""Bytes of feedback in one datagram, so that no network has to cut it."""
