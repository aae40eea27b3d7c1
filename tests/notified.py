"""The service manager's end of systemd's notify protocol."""

import re
import socket


class Manager:
    """The service manager's end of the notify socket."""

    def __init__(self, address, timeout_s=20.0):
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(address)
        self._socket.settimeout(timeout_s)

    def hear(self) -> str:
        return self._socket.recv(4096).decode()

    def hear_until(self, message) -> list[str]:
        """Messages up to one that fits a pattern, that one included."""
        heard = [self.hear()]
        while not re.fullmatch(message, heard[-1]):
            heard.append(self.hear())
        return heard
