"""The packet reader: the specification's examples, and never anything but a packet or a PacketError."""

import math
import struct

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pythonosc.osc_message import OscMessage

from manned.control.osc.packet import (
    IMMEDIATELY,
    MAX_DEPTH,
    MAX_ELEMENTS,
    MAX_PACKET,
    Bundle,
    Message,
    PacketError,
    read_packet,
    write_floats,
    write_message,
)


def bundle(*elements, timetag=IMMEDIATELY):
    return b"#bundle\0" + struct.pack(">Q", timetag) + b"".join(struct.pack(">i", len(e)) + e for e in elements)


def test_first_example_of_the_specification():
    data = bytes.fromhex("2f6f7363696c6c61746f722f342f6672657175656e6379002c66000043dc0000")
    assert read_packet(data) == ("/oscillator/4/frequency", (440.0,))


def test_second_example_of_the_specification():
    data = bytes.fromhex("2f666f6f000000002c69697366660000000003e8ffffffff68656c6c6f0000003f9df3b640b5b22d")
    address, arguments = read_packet(data)
    assert address == "/foo"
    assert arguments == (1000, -1, "hello", pytest.approx(1.234), pytest.approx(5.678))


def test_a_message_may_lack_type_tags():
    assert read_packet(b"/gain\0\0\0") == Message("/gain", ())


def test_every_type_of_the_specification_is_read():
    data = b"/all\0\0\0\0,ifsbhtdScrmTFNI[ii]\0\0\0\0" + b"".join(
        (
            struct.pack(">i", -7),
            struct.pack(">f", 0.5),
            b"word\0\0\0\0",
            struct.pack(">i", 3) + b"abc\0",
            struct.pack(">q", -(2**40)),
            struct.pack(">Q", 1),
            struct.pack(">d", 0.1),
            b"symbol\0\0",
            b"\0\0\0x",
            b"\1\2\3\4",
            b"\0\x90\x3c\x40",
            struct.pack(">ii", 8, 9),
        )
    )
    assert read_packet(data).arguments == (
        -7,
        0.5,
        "word",
        b"abc",
        -(2**40),
        1,
        0.1,
        "symbol",
        b"x",
        0x01020304,
        b"\0\x90\x3c\x40",
        True,
        False,
        None,
        math.inf,
        8,
        9,
    )


def test_text_may_be_utf_8():
    assert read_packet(write_message("/model", "Flöte")) == ("/model", ("Flöte",))


def test_bundles_nest():
    inner = bundle(write_message("/b", 2), timetag=5 << 32)
    outer = bundle(write_message("/a", 1), inner, timetag=4 << 32)
    assert read_packet(outer) == Bundle(
        4 << 32, (Message("/a", (1,)), Bundle(5 << 32, (Message("/b", (2,)),), len(inner))), len(outer)
    )


def nested(depth):
    data = bundle(write_message("/a"))
    for _ in range(depth - 1):
        data = bundle(data)
    return data


def test_bundles_nest_to_the_limit():
    assert isinstance(read_packet(nested(MAX_DEPTH)), Bundle)


def test_as_many_elements_as_allowed():
    assert len(read_packet(bundle(*[write_message("/a")] * MAX_ELEMENTS)).elements) == MAX_ELEMENTS


MALFORMED = {
    "nothing": b"",
    "size not a multiple of four": b"/gain\0\0",
    "too large": b"/gain\0\0\0" + bytes(MAX_PACKET),
    "no address": b"gain\0\0\0\0",
    "an address with a control character": b"/ga\nin\0\0",
    "an address with a space": b"/ga in\0\0",
    "an address beyond ASCII": "/gäin\0".encode() + b"\0",
    "an overlong address": b"/" + b"a" * 299 + b"\0\0\0\0",
    "an address without end": b"/gainers",
    "padding that is not zero": b"/gain\0xx",
    "type tags without comma": b"/gain\0\0\0f\0\0\0" + bytes(4),
    "type tags without end": b"/gain\0\0\0,fff",
    "an unknown type tag": b"/gain\0\0\0,z\0\0",
    "a missing argument": b"/gain\0\0\0,ff\0" + bytes(4),
    "an argument too many": b"/gain\0\0\0,f\0\0" + bytes(8),
    "a string without end": b"/gain\0\0\0,s\0\0word",
    "a string that is not UTF-8": b"/gain\0\0\0,s\0\0\xff\xfe\xfd\0",
    "a blob of negative size": b"/gain\0\0\0,b\0\0" + struct.pack(">i", -4),
    "a blob beyond the end": b"/gain\0\0\0,b\0\0" + struct.pack(">i", 5) + bytes(4),
    "a blob without size": b"/gain\0\0\0,b\0\0",
    "a bracket that is not closed": b"/gain\0\0\0,[f\0" + bytes(4),
    "a bracket that is not opened": b"/gain\0\0\0,f]\0" + bytes(4),
    "a bundle without time": b"#bundle\0" + bytes(4),
    "an element of negative size": b"#bundle\0" + struct.pack(">Qi", 1, -1),
    "an element of size zero": b"#bundle\0" + struct.pack(">Qi", 1, 0),
    "an element beyond the end": b"#bundle\0" + struct.pack(">Qi", 1, 64) + b"/a\0\0",
    "an element not aligned": b"#bundle\0" + struct.pack(">Qi", 1, 3) + b"/a\0\0",
    "a bad element behind a good one": bundle(write_message("/gain", 0.5), b"gain\0\0\0\0"),
    "bundles nested too deep": nested(MAX_DEPTH + 1),
    "bundles nested three thousand deep": nested(3000),
    "too many elements": bundle(*[write_message("/a")] * (MAX_ELEMENTS + 1)),
}


@pytest.mark.parametrize("data", MALFORMED.values(), ids=MALFORMED.keys())
def test_malformed_packets_are_refused(data):
    with pytest.raises(PacketError):
        read_packet(data)


ARGUMENTS = st.one_of(
    st.integers(-(2**63), 2**63 - 1),
    st.floats(width=32, allow_nan=False),
    st.text(st.characters(exclude_characters="\0", exclude_categories=("Cs",)), max_size=20),
    st.booleans(),
    st.none(),
    st.binary(min_size=1, max_size=20),
)


@given(st.from_regex(r"/[!-~]{0,40}", fullmatch=True), st.lists(ARGUMENTS, max_size=8))
def test_what_python_osc_writes_is_read_as_python_osc_reads_it(address, arguments):
    data = write_message(address, *arguments)
    assert read_packet(data) == (address, tuple(OscMessage(data).params))


@given(st.binary(max_size=200))
def test_any_bytes_are_a_packet_or_a_packet_error(data):
    for candidate in (data, b"/a\0\0," + data, b"#bundle\0" + bytes(8) + data):
        try:
            read_packet(candidate + bytes(-len(candidate) % 4))
        except PacketError:
            pass


@given(st.lists(ARGUMENTS, max_size=4), st.data())
def test_a_damaged_packet_is_a_packet_or_a_packet_error(arguments, draw):
    message = write_message("/latents", *arguments)
    data = bytearray(bundle(message, bundle(message, message)))
    for _ in range(draw.draw(st.integers(1, 4))):
        data[draw.draw(st.integers(0, len(data) - 1))] = draw.draw(st.integers(0, 255))
    try:
        read_packet(bytes(data))
    except PacketError:
        pass


@example("/", [float.fromhex("0x1.fffffep127")])
@given(st.from_regex(r"/[a-z]{0,9}", fullmatch=True), st.lists(st.floats(width=32, allow_nan=False), max_size=9))
def test_many_floats_are_written_as_python_osc_writes_them(address, values):
    assert write_floats(address, values) == write_message(address, *values)
