"""OSC's port: whether it is free, before anything slow begins, and why it cannot be used."""

from __future__ import annotations

import errno
import os
import socket

from ...errors import PortError, PortTakenError
from ...settings import OscSettings


def check_port(settings: OscSettings) -> None:
    """Make sure that the port of OSC is free.

    Raises
    ------
    PortError
        When the host is unknown or the port is taken or not allowed; in the latter cases a `PortTakenError`.
    """
    try:
        found = socket.getaddrinfo(settings.host, settings.port, type=socket.SOCK_STREAM)
        family, _, _, _, address = min(found)  # as `OscServer` takes it
        with (
            socket.socket(family, socket.SOCK_STREAM) as tcp,
            socket.socket(family, socket.SOCK_DGRAM) as udp,
        ):
            tcp.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # else connections that ended lately hold it
            tcp.bind(address)
            tcp.listen()
            udp.bind(address)
    except OSError as error:
        raise port_error(settings.host, settings.port, error) from None


def port_error(host: str, port: int, error: OSError, what: str = "OSC") -> PortError:
    """What the system says about a port, as a sentence."""
    if isinstance(error, socket.gaierror) or error.errno is None:
        reason = error.strerror or str(error)
    else:
        reason = os.strerror(error.errno)  # asyncio's own text names the address once more
    # An address that is not there yet, or a name, may come with the network.
    cause = PortTakenError if error.errno in (errno.EADDRINUSE, errno.EACCES) else PortError
    return cause(f"{what} port {port} on {host}: {reason.lower()}")
