"""All peers, in the order of the page."""

from __future__ import annotations

from . import amsynth, fluidsynth, keras_predict, manned_daemon, rave, scsynth, zynaddsubfx
from .peer import Peer

PEERS: tuple[Peer, ...] = tuple(
    module.PEER for module in (manned_daemon, fluidsynth, amsynth, zynaddsubfx, scsynth, keras_predict, rave)
)
