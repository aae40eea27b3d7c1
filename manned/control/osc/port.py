"""Whether OSC's port is free, before anything slow begins."""

from __future__ import annotations

import os
import socket

from ..errors import PortError
from ..settings import OscSettings


def check_port(settings: OscSettings) -> None:
    """Make sure that the port of OSC is free.

    Raises
    ------
    PortError
        When the host is unknown or the port is taken or not allowed.
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
        reason = error.strerror if isinstance(error, socket.gaierror) else os.strerror(error.errno or 0)
        raise PortError(f"OSC port {settings.port} on {settings.host}: {str(reason).lower()}") from None
