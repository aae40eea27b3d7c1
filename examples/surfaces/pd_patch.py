"""An abstraction for Pure Data 0.51 and later (no externals are needed), and its help."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise

from controls import HEIGHT, HOST, METER_RATE, PORT, RENEW_S, WIDTH, Control

COLOURS = "#fcfcfc #000000 #000000"
GRID = 24


class Patch:
    """Lines of a patch; what is inside of it comes by `Patch.inside`."""

    def __init__(self, width: int, height: int) -> None:
        self._lines = [f"#N canvas 60 60 {width} {height} 12;"]
        self._cords: list[str] = []
        self._count = 0

    def add(self, kind: str, x: int, y: int, text: str) -> int:
        """Add an ``obj``, ``msg``, ``text`` … and return its number."""
        self._lines.append(f"#X {kind} {x} {y} {text};")
        self._count += 1
        return self._count - 1

    def obj(self, x: int, y: int, text: str) -> int:
        """Add an object."""
        return self.add("obj", x, y, text)

    def chain(self, x: int, y: int, *texts: str) -> tuple[int, int]:
        """Add objects one below the other, connected; the numbers of the first and the last."""
        numbers = [self.obj(x, y + GRID * place, text) for place, text in enumerate(texts)]
        for source, target in pairwise(numbers):
            self.cord(source, target)
        return numbers[0], numbers[-1]

    def cord(self, source: int, target: int, outlet: int = 0, inlet: int = 0) -> None:
        """Connect an outlet to an inlet."""
        self._cords.append(f"#X connect {source} {outlet} {target} {inlet};")

    def inside(self, x: int, y: int, name: str, patch: Patch) -> int:
        """Add a patch inside of this one."""
        self._lines += [*patch.lines(f"0 0 900 700 {name} 0"), f"#X restore {x} {y} pd {name};"]
        self._count += 1
        return self._count - 1

    def lines(self, window: str = "") -> list[str]:
        """All lines; ``window`` is that of a patch inside of another."""
        first = f"#N canvas {window};" if window else self._lines[0]
        return [first, *self._lines[1:], *self._cords]

    def text(self, shown: tuple[int, int] | None = None) -> str:
        """The file; ``shown`` is the part that is seen where it is used as an object."""
        graph = [] if shown is None else [f"#X coords 0 -1 1 1 {shown[0]} {shown[1]} 1 0 0;"]
        return "\n".join([*self.lines(), *graph]) + "\n"


def client(controls: Iterable[Control]) -> str:
    """The abstraction: the panel, and what it takes to send and to show what is told."""
    shown = list(controls)
    patch, wires = Patch(WIDTH + 20, HEIGHT + 100), Patch(900, 700)
    for number, control in enumerate(shown):
        _panel(patch, control)
        if control.look != "meter":
            _sender(wires, control, 20 + 200 * (number % 12), 500 + 100 * (number // 12))
    typed = "\\$0-typed"
    patch.add("symbolatom", 760, 474 + 38 * 4, f"30 0 0 0 load - {typed}")
    wires.chain(20, 400, f"r {typed}", "oscformat /preset/load", "s \\$0-packets")
    _socket(wires)
    _told(wires, shown)
    inlet = patch.obj(20, HEIGHT + 20, "inlet")
    inside = patch.inside(20, HEIGHT + 50, "wires", wires)
    outlet = patch.obj(20, HEIGHT + 80, "outlet")
    patch.cord(inlet, inside)
    patch.cord(inside, outlet)
    return patch.text((WIDTH, HEIGHT))


def _panel(patch: Patch, control: Control) -> None:
    x, y, width, height = control.frame
    label = control.label.replace(" ", "_").replace("/", "_")
    names = f"\\$0-{control.name} \\$0-{control.name}-told"
    above, beside = f"{label} 0 -9 0 10 {COLOURS}", f"{label} 34 14 0 10 {COLOURS}"
    if control.look == "toggle":
        patch.obj(x, y, f"tgl {min(width, height)} 0 {names} {above} 0 1")
    elif control.look == "steps":
        patch.obj(x, y, f"hradio {width // len(control.words)} 1 0 {len(control.words)} {names} {above} 0")
    elif control.look == "fader":
        limits = f"{control.first:g} {control.last:g}"
        patch.obj(x, y, f"vsl {width - 8} {height} {limits} 0 0 {names} {above} 0 1")
    elif control.look == "pad":
        # Vanilla Pd has no pad: a slider for each axis.
        for place, axis in enumerate("xy"):
            names = f"\\$0-{control.name}-{axis} \\$0-{control.name}-{axis}-told"
            patch.obj(x, y + 60 * place, f"hsl {width - 8} 30 0 1 0 0 {names} {label}:_{axis} 0 -9 0 10 {COLOURS} 0 1")
    elif control.look == "button":
        patch.obj(x, y, f"bng {min(height, 28)} 250 50 0 \\$0-{_word(control)} empty {beside}")
    else:
        patch.obj(x, y, f"vu {width - 20} {height} \\$0-{_word(control)} empty -1 -8 0 10 #404040 #000000 0 0")


def _word(control: Control) -> str:
    return control.name.replace(" ", "-").replace("/", "-")


def _sender(wires: Patch, control: Control, x: int, y: int) -> None:
    """From what is moved to a packet."""
    send = f"oscformat {control.address}", "s \\$0-packets"
    if control.look == "pad":
        pair, _ = wires.chain(x, y + GRID, "pack f f", *send)
        first, second = (
            wires.obj(x + 90 * place, y - 30, f"r \\$0-{control.name}-{axis}") for place, axis in enumerate("xy")
        )
        again = wires.obj(x + 90, y, "t b f")
        wires.cord(first, pair)
        wires.cord(second, again)
        wires.cord(again, pair, 1, 1)
        wires.cord(again, pair, 0, 0)
    elif control.look != "button":
        wires.chain(x, y, f"r \\$0-{control.name}", *send)
    else:
        pressed = wires.obj(x, y, f"r \\$0-{_word(control)}")
        words = "bang" if control.argument is None else "symbol " + str(control.argument).replace(" ", "\\ ")
        message = wires.add("msg", x, y + GRID, words)
        format_, _ = wires.chain(x, y + 2 * GRID, *send)
        wires.cord(pressed, message)
        wires.cord(message, format_)


def _socket(wires: Patch) -> None:
    """Packets out and in, any message from outside, and the subscription."""
    _, net = wires.chain(20, 20, "r \\$0-packets", "list prepend send", "list trim", "netsend -u -b")
    # The numbers in an address are words for oscparse; through FUDI they become numbers, which route finds.
    told, trim = wires.chain(20, 140, "oscparse", "list trim", "fudiformat -u", "fudiparse")
    wires.cord(net, told, 1)
    wires.cord(trim, wires.obj(20, 240, "outlet"))
    wires.cord(trim, wires.obj(90, 240, "s \\$0-told"))
    # Any message: its first word is the address.
    _, split = wires.chain(220, 20, "inlet", "list prepend", "list split 1")
    both = wires.obj(220, 100, "t b a")
    rest = wires.obj(320, 130, "list append")
    set_, trimmed = wires.chain(400, 100, "list prepend set", "list trim")
    format_, _ = wires.chain(220, 180, "oscformat", "s \\$0-packets")
    for source, target, outlet, into in (
        (split, rest, 1, 1), (split, both, 0, 0), (both, set_, 1, 0), (trimmed, format_, 0, 0),
        (both, rest, 0, 0), (rest, format_, 0, 0),
    ):  # fmt: skip
        wires.cord(source, target, outlet, into)
    # The place, from the arguments of the object, and then the subscription, again and again.
    _, begin = wires.chain(560, 20, "loadbang", "t b b b")
    place, chosen = wires.chain(760, 20, "list append \\$1 \\$2", "route 0")
    usual = wires.add("msg", 760, 80, f"connect {HOST} {PORT}")
    own, connect = wires.chain(900, 80, "list prepend connect", "list trim")
    wires.cord(begin, place, 2)
    wires.cord(chosen, usual, 0)
    wires.cord(chosen, own, 1)
    wires.cord(usual, net)
    wires.cord(connect, net)
    metro, renew = wires.chain(620, 140, f"metro {1000 * RENEW_S}", "t b b")
    on = wires.add("msg", 620, 110, "1")
    wires.cord(begin, on, 1)
    wires.cord(on, metro)
    for outlet, (address, number) in enumerate((("/notify", 1), ("/meter", METER_RATE))):
        message = wires.add("msg", 620 + 160 * outlet, 200, f"{number}")
        format_, _ = wires.chain(620 + 160 * outlet, 225, f"oscformat -f i {address}", "s \\$0-packets")
        wires.cord(renew, message, outlet)
        wires.cord(message, format_)
    dump, _ = wires.chain(560, 300, "oscformat /dump", "s \\$0-packets")
    wires.cord(begin, dump)


def _told(wires: Patch, shown: list[Control]) -> None:
    """From what is told to what is shown, without sending it again."""
    ways: dict[str, list[Control]] = {}
    for control in shown:
        if control.look != "button":
            ways.setdefault(control.address.split("/")[1], []).append(control)
    _, route = wires.chain(20, 290, "r \\$0-told", f"route {' '.join(ways)}")
    for outlet, members in enumerate(ways.values()):
        x, y = 20 + 260 * outlet, 1200
        if members[0].look == "meter":
            parts = wires.obj(x, y, "unpack" + " f" * len(members))
            wires.cord(route, parts, outlet)
            for control in members:
                level, _ = wires.chain(
                    x + 110 * control.place, y + GRID, "rmstodb", "- 100", f"s \\$0-{_word(control)}"
                )
                wires.cord(parts, level, control.place)
        elif members[0].look == "pad":
            parts = wires.obj(x, y, "unpack f f")
            wires.cord(route, parts, outlet)
            for place, axis in enumerate("xy"):
                _set(wires, parts, place, x + 130 * place, y, f"{members[0].name}-{axis}")
        elif len(members) > 1:
            numbers = wires.obj(x, y, f"route {' '.join(one.address.split('/')[2] for one in members)}")
            wires.cord(route, numbers, outlet)
            for place, control in enumerate(members):
                _set(wires, numbers, place, x, y + 60 * (place + 1), control.name)
        else:
            _set(wires, route, outlet, x, y, members[0].name)


def _set(wires: Patch, source: int, outlet: int, x: int, y: int, name: str) -> None:
    # Not what is told at addresses below this one, such as /chroma/weights.
    alone = wires.obj(x, y + GRID, "route float")
    message = wires.add("msg", x, y + 2 * GRID, "set \\$1")
    wires.cord(source, alone, outlet)
    wires.cord(alone, message)
    wires.cord(message, wires.obj(x, y + 3 * GRID, f"s \\$0-{name}-told"))


def help_patch() -> str:
    """The help of the abstraction."""
    patch = Patch(WIDTH + 60, HEIGHT + 300)
    words = (
        "manned-client: a panel for manned that shows what is set \\, by whatever hand. Start manned first.",
        f"Arguments: host and port \\, {HOST} and {PORT} where there are none.",
        "Inlet: any message goes on to manned. Outlet: all that manned tells \\, with spaces for the slashes.",
    )
    for line, text in enumerate(words):
        patch.add("text", 20, 20 + 22 * line, f"{text}, f 130")
    panel = patch.obj(20, 180, f"manned-client {HOST} {PORT}")
    examples = (
        "/gate 1", "/gate 0", "/chroma A", "/latents 0.2 0.8", "/xy 0.7 0.4", "/glide 3", "/preset/load keys/Grand",
        "/mnote 60 100", "/mnote/rel 60", "/status",
    )  # fmt: skip
    x = 20
    for text in examples:
        patch.cord(patch.add("msg", x, 110, text), panel)
        x += 8 * len(text) + 20
    patch.cord(patch.obj(20, 140, "r manned-client"), panel)
    patch.add("text", 160, 140, "other patches can send to it by this name, f 60")
    patch.cord(panel, patch.obj(20, 200 + HEIGHT, "print manned"))
    return patch.text()
