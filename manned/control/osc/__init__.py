"""OSC in: a datagram entry that trusts nobody, the tree of addresses and the UDP and TCP server.

`OscServer` is what the daemon runs; `send` is the small client of the command line.
"""

from .client import send
from .server import OscServer

__all__ = ["OscServer", "send"]
