"""Sound files that are the same byte for byte whenever they are made."""

from __future__ import annotations

import zlib
from pathlib import Path
from typing import BinaryIO

_HEADER_BYTES = 1024
"""Of an RF64 file, at most."""

_PAGE_BYTES, _SERIAL, _CHECKSUM, _SEGMENTS = 27, 14, 22, 26
"""Of an Ogg page: length of its header, and the places of three fields in it (RFC 3533, section 6)."""

_REVERSED = bytes(int(f"{byte:08b}"[::-1], 2) for byte in range(256))


def make_reproducible(path: Path) -> None:
    """Take out of a file what libsndfile puts in of the moment: the number of an Ogg stream, the date of a PEAK chunk.

    Parameters
    ----------
    path : path
        A file of any format that libsndfile has written; other formats hold nothing of that kind.

    Raises
    ------
    OSError
    """
    with open(path, "r+b") as file:
        start = file.read(_HEADER_BYTES)
        if start.startswith(b"OggS"):
            _number_stream(file)
        elif start.startswith((b"RIFF", b"RF64")) and (place := start.find(b"PEAK")) >= 0:
            file.seek(place + 12)  # behind name, size and version
            file.write(bytes(4))


def _number_stream(file: BinaryIO) -> None:
    """Give an Ogg stream the number 0, which its writer draws by lot."""
    place = 0
    while True:
        file.seek(place)
        header = file.read(_PAGE_BYTES)
        if len(header) < _PAGE_BYTES:
            return
        segments = file.read(header[_SEGMENTS])
        page = bytearray(header + segments + file.read(sum(segments)))
        page[_SERIAL : _SERIAL + 4] = bytes(4)
        page[_CHECKSUM : _CHECKSUM + 4] = bytes(4)
        page[_CHECKSUM : _CHECKSUM + 4] = _ogg_checksum(page).to_bytes(4, "little")
        file.seek(place)
        file.write(page)
        place += len(page)


def _ogg_checksum(page: bytes | bytearray) -> int:
    """Ogg's CRC: zlib's polynomial with all bits in the other order, and nothing turned over at either end."""
    checksum = zlib.crc32(page.translate(_REVERSED), 0xFFFFFFFF) ^ 0xFFFFFFFF
    return int(f"{checksum:032b}"[::-1], 2)
