"""Damage to bytes: the same for the same seed."""

import random

LENGTHS = (b"\xff\xff\xff\xff", b"\x7f\xff\xff\xff", b"\x80\0\0\0", b"\0\0\0\0", b"\xff\xff\xff\x7f", b"\xff" * 8)
WORDS = (
    b"nan", b"-1", b"1e999", b"0", b"99999999999999999999", b"null", b"{}", b"[]", b'""', b"true",
    b"\xff\xfe", b"\xef\xbb\xbf", b"\\ud800", b"\0", b"\n", b"\r", b"../..", b"1" * 5000, b"[" * 2000,
)  # fmt: skip


def damaged(seeds: list[bytes], count: int, seed: int):
    """Yield ``count`` inputs: good ones with damage, pieces of two in one, and plain noise."""
    generator = random.Random(seed)
    for _ in range(count):
        if generator.random() < 0.05:
            yield generator.randbytes(generator.randrange(200))
            continue
        data = bytearray(generator.choice(seeds))
        if generator.random() < 0.1:
            other = generator.choice(seeds)
            data = data[: _place(data, generator)] + other[_place(other, generator) :]
        for _ in range(generator.choice((1, 1, 2, 4, 16))):
            _damage(data, generator)
        yield bytes(data)


def _place(data, generator):
    # Heads are where most meaning is.
    most = len(data) if generator.random() < 0.5 else min(len(data), 512)
    return generator.randrange(most) if most else 0


def _damage(data, generator):
    at = _place(data, generator)
    match generator.randrange(8):
        case 0 | 1:
            data[at : at + 1] = bytes([generator.randrange(256)])
        case 2:
            data[at : at + 1] = bytes([data[at] ^ 1 << generator.randrange(8)]) if data else b""
        case 3:
            del data[at:]
        case 4:
            del data[at : at + generator.choice((1, 2, 4, 16, 64))]
        case 5:
            word = generator.choice(LENGTHS)
            data[at : at + len(word)] = word
        case 6:
            word = generator.choice(WORDS)
            data[at : at + generator.choice((0, 1, len(word)))] = word
        case 7:
            piece = data[at : at + generator.choice((1, 8, 64))]
            data[at:at] = piece * generator.choice((1, 2, 50))
