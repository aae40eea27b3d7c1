"""Packets that nobody should send: those with a history, and as many seeded damaged ones as wanted."""

import random
import struct
import time

from manned.control.osc.packet import write_message

_VALID = [
    write_message("/latent/1", 0.5),
    write_message("/latents", 0.1, 0.2, 0.3),
    write_message("/chroma", "C#"),
    write_message("/mnote", 60.0, 100.0, 7),
    write_message("/gain"),
    write_message("/q/env/*"),
    write_message("/{gate,phase}", True),
    write_message("/model", "three"),
    write_message("/model/list"),
    write_message("/tuning/scale", "thirds"),
    write_message("/ne/latent/1", 7, 0.5),
    write_message("/chroma/weights", *[0.5] * 12),
    write_message("/fnote/rel", 440.0, b"blob", None, 2**40),
]


def ntp(unix_time):
    """A time tag [units of 2**-32 s] of a Unix time [s]."""
    return round((unix_time + 2208988800) * 2**32)


def bundle(*elements, timetag=1):
    return b"#bundle\0" + struct.pack(">Q", timetag) + b"".join(struct.pack(">i", len(e)) + e for e in elements)


def crafted_patterns():
    """A bundle full of patterns that take long to match."""
    patterns = ("/[!z]*" + "{,e,x,p}*" * 25, "/latent/" + "{,1,2}*" * 35)
    return bundle(*[write_message(patterns[i % 2], 0.5) for i in range(240)])


def notorious(seconds_ahead=1.5):
    """The packets that are known to loop, stall or break python-osc's servers, by name."""
    gain = write_message("/gain", 0.5)
    deep = gain
    for _ in range(3000):
        deep = bundle(deep)
    return {
        "negative element size": b"#bundle\0" + struct.pack(">Qi", 1, -4),
        "sixty stars": b"/" + b"*" * 60 + b"!" + b"\0" * 6,
        "sixty stars with a value": b"/" + b"*" * 60 + b"!" + b"\0\0,f\0\0" + struct.pack(">f", 0.5),
        "dated ahead": bundle(gain, timetag=ntp(time.time() + seconds_ahead)),
        "dated in the last year of the era": bundle(gain, timetag=2**64 - 1),
        "invalid UTF-8": b"/\xff\xfe\0,f\0\0" + struct.pack(">f", 0.5),
        "deep nesting": deep,
        "not a number": b"/gain\0\0\0,f\0\0" + struct.pack(">f", float("nan")),
        "infinity": b"/gain\0\0\0,d\0\0" + struct.pack(">d", float("inf")),
        "ten thousand arguments": write_message("/latents", *[0.5] * 10000),
        "a bundle of crafted patterns": crafted_patterns(),
        "a long word": write_message("/chroma", "C" * 60000),
    }


def damaged(count, seed=0):
    """Yield ``count`` packets: valid ones with damage, and plain noise; the same for the same seed."""
    generator = random.Random(seed)
    for _ in range(count):
        kind = generator.random()
        if kind < 0.15:
            data = generator.randbytes(generator.randrange(0, 80) * generator.choice((1, 4)))
        else:
            data = bytearray(generator.choice(_VALID))
            while generator.random() < 0.4:
                data = bytearray(bundle(data, generator.choice(_VALID), timetag=generator.choice((0, 1, 1, 2**64 - 1))))
            for _ in range(generator.randrange(1, 4)):
                _damage(data, generator)
        yield bytes(data)


def _damage(data, generator):
    at = generator.randrange(len(data)) if data else 0
    match generator.randrange(6):
        case 0:
            data[at : at + 1] = bytes([generator.randrange(256)])
        case 1:
            data[at : at + 1] = generator.choice((b"\0", b"*", b"[", b"{", b",", b"/", b"\xff", b"\x80"))
        case 2:
            del data[at - at % 4 :]
        case 3:
            del data[at : at + generator.choice((1, 4))]
        case 4:
            data[at:at] = generator.randbytes(generator.choice((1, 4)))
        case 5:
            start = at - at % 4
            data[start : start + 4] = struct.pack(">i", generator.choice((-1, -(2**31), 0, 4, 2**31 - 1, 65536)))
