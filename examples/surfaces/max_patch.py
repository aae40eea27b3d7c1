"""A patch for Max 8 and later, and its help: JSON."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from controls import HEIGHT, HOST, METER_RATE, PORT, RENEW_S, WIDTH, Control

LISTEN_PORT = 57141
"""Where the patch hears what is told: Max sends from another port than it listens on."""
PAD = 127
"""A pictslider counts so far."""


class Patch:
    """Boxes and cords of one patch."""

    def __init__(self) -> None:
        self._boxes: list[dict[str, Any]] = []
        self._cords: list[dict[str, Any]] = []

    def box(self, maxclass: str, frame: tuple[int, int, int, int], inlets: int, outlets: int, **facts: Any) -> str:
        """Add a box and return its id."""
        name = f"obj-{len(self._boxes) + 1}"
        box = {"id": name, "maxclass": maxclass, "numinlets": inlets, "numoutlets": outlets}
        box |= {"outlettype": [""] * outlets} if outlets else {}
        self._boxes.append({"box": box | {"patching_rect": [float(number) for number in frame]} | facts})
        return name

    def object(self, text: str, x: int, y: int, inlets: int = 1, outlets: int = 1, **facts: Any) -> str:
        """Add an object, such as ``prepend /gate``."""
        return self.box("newobj", (x, y, 9 * len(text) + 12, 22), inlets, outlets, text=text, **facts)

    def message(self, text: str, x: int, y: int, **facts: Any) -> str:
        """Add a message box."""
        return self.box("message", (x, y, 8 * len(text) + 12, 22), 2, 1, text=text, **facts)

    def comment(self, text: str, frame: tuple[int, int, int, int], **facts: Any) -> None:
        """Add words."""
        self.box("comment", frame, 1, 0, text=text, **facts)

    def cord(self, source: str, target: str, outlet: int = 0, inlet: int = 0) -> None:
        """Connect an outlet to an inlet."""
        self._cords.append({"patchline": {"source": [source, outlet], "destination": [target, inlet]}})

    def text(self, presentation: bool) -> str:
        """The file."""
        version = {"major": 8, "minor": 0, "revision": 0, "architecture": "x64", "modernui": 1}
        patcher = {
            "fileversion": 1,
            "appversion": version,
            "classnamespace": "box",
            "rect": [80.0, 80.0, float(WIDTH), float(HEIGHT)],
            "openinpresentation": int(presentation),
            "boxes": self._boxes,
            "lines": self._cords,
        }
        return json.dumps({"patcher": patcher}, indent=1) + "\n"


def client(controls: Iterable[Control]) -> str:
    """The abstraction: controls, and all that it takes to send them and to show what is told."""
    patch, shown = Patch(), list(controls)
    inlet = patch.box("inlet", (10, 680, 30, 30), 0, 1, comment="messages to manned, e.g. /latent/1 0.7; host, port")
    send = patch.object(f"udpsend {HOST} {PORT}", 10, 780, outlets=0)
    receive = patch.object(f"udpreceive {LISTEN_PORT}", 400, 680)
    outlet = patch.box("outlet", (560, 780, 30, 30), 1, 0, comment="what manned tells")
    patch.cord(inlet, send)
    patch.cord(receive, outlet)
    addresses = list(dict.fromkeys(one.address for one in shown if one.look != "button"))
    route = patch.object(f"route {' '.join(addresses)}", 400, 720, 1, len(addresses) + 1)
    patch.cord(receive, route)
    for number, one in enumerate(shown):
        x, y = 10 + 170 * (number % 8), 860 + 130 * (number // 8)
        if one.look == "button":
            _button(patch, one, x, y, send)
        else:
            _shown(patch, one, x, y, send, route, addresses.index(one.address))
    _meters(patch, [one for one in shown if one.look == "meter"], route, addresses)
    _begin(patch, send)
    return patch.text(presentation=True)


def _presented(frame: tuple[int, int, int, int]) -> dict[str, Any]:
    return {"presentation": 1, "presentation_rect": [float(number) for number in frame]}


def _caption(patch: Patch, control: Control) -> None:
    x, y, width, _ = control.frame
    patch.comment(control.label, (0, 0, width, 20), fontsize=9.0, **_presented((x, y - 20, max(width, 60), 20)))


def _button(patch: Patch, control: Control, x: int, y: int, send: str) -> None:
    quoted = (
        ""
        if control.argument is None
        else f' "{control.argument}"'
        if " " in str(control.argument)
        else f" {control.argument}"
    )
    patch.cord(patch.message(control.address + quoted, x, y, fontsize=10.0, **_presented(control.frame)), send)


def _shown(patch: Patch, control: Control, x: int, y: int, send: str, route: str, place: int) -> None:
    """A control that sends its value, and shows what comes back without sending it again."""
    _caption(patch, control)
    if control.look == "meter":
        return
    look = (x, y, 40, 22), 1
    facts = {"parameter_enable": 0, **_presented(control.frame)}
    prepend = patch.object(f"prepend {control.address}", x, y + 60)
    patch.cord(prepend, send)
    if control.look == "pad":
        _pad(patch, prepend, route, place, x, y, facts)
        return
    if control.look == "toggle":
        box = patch.box("toggle", *look, 1, **facts)
    elif control.look == "steps":
        items = [word for one in control.words for word in (one, ",")][:-1]
        box = patch.box("umenu", *look, 3, items=items, **facts)
    else:
        size = control.last - control.first
        box = patch.box("slider", *look, 1, floatoutput=1, min=control.first, size=size, **facts)
    patch.cord(box, prepend)
    told = patch.object("prepend set", x, y - 30)
    patch.cord(route, told, place)
    patch.cord(told, box)


def _pad(patch: Patch, prepend: str, route: str, place: int, x: int, y: int, facts: dict[str, Any]) -> None:
    box = patch.box("pictslider", (x, y, 40, 22), 2, 2, **facts)
    pair = patch.object("pak 0. 0.", x, y + 42, 2)
    patch.cord(pair, prepend)
    parts = patch.object("unpack 0. 0.", x, y - 70, 1, 2)
    patch.cord(route, parts, place)
    for axis in (0, 1):
        down = patch.object(f"/ {PAD}.", x + 60 * axis, y + 22, 2)
        patch.cord(box, down, axis)
        patch.cord(down, pair, 0, axis)
        up = patch.object(f"* {PAD}.", x + 60 * axis, y - 50, 2)
        told = patch.object("prepend set", x + 90 * axis, y - 30)
        patch.cord(parts, up, axis)
        patch.cord(up, told)
        patch.cord(told, box, 0, axis)


def _meters(patch: Patch, meters: list[Control], route: str, addresses: list[str]) -> None:
    parts = patch.object("unpack" + " 0." * len(meters), 1400, 720, 1, len(meters))
    patch.cord(route, parts, addresses.index(meters[0].address))
    for one in meters:
        facts = {"floatoutput": 1, "min": 0, "size": 1, "ignoreclick": 1, "parameter_enable": 0}
        box = patch.box("slider", (1400 + 60 * one.place, 760, 30, 90), 1, 1, **facts, **_presented(one.frame))
        patch.cord(parts, box, one.place)


def _begin(patch: Patch, send: str) -> None:
    """Ask to be told, again and again, and once for all that is set."""
    load = patch.object("loadbang", 10, 560, 1)
    on = patch.object("t b 1", 10, 590, 1, 2)
    metro = patch.object(f"metro {1000 * RENEW_S}", 90, 620, 2)
    patch.cord(load, on)
    patch.cord(on, metro, 1)
    later = patch.object("delay 300", 10, 620, 2)
    patch.cord(on, later)
    dump = patch.message("/dump", 10, 650)
    patch.cord(later, dump)
    patch.cord(dump, send)
    for number, text in enumerate((f"/listeners/add {HOST}:{LISTEN_PORT}", f"/meter {METER_RATE}")):
        message = patch.message(text, 90 + 300 * number, 650)
        patch.cord(metro, message)
        patch.cord(message, send)


def help_patch() -> str:
    """The help of the abstraction."""
    patch = Patch()
    words = (
        "manned-client: a panel for manned that shows what is set, by whatever hand. Start manned first.",
        "Inlet: any message to manned goes on to it. 'host' and 'port' choose another one (on another computer, add a"
        f" listener there: /listeners/add with this computer's address and port {LISTEN_PORT}).",
        "Outlet: all that manned tells, answers and errors too.",
    )
    for line, text in enumerate(words):
        patch.comment(text, (20, 20 + 40 * line, 900, 40))
    examples = (
        "/gate 1",
        "/gate 0",
        "/chroma A",
        "/latents 0.2 0.8",
        "/xy 0.7 0.4",
        "/glide 3",
        "/preset/load keys/Grand",
        "/mnote 60 100",
        "/mnote/rel 60",
        "/status",
    )
    panel = patch.box(
        "bpatcher", (20, 230, WIDTH, HEIGHT), 1, 1, name="manned-client.maxpat", viewvisibility=1
    )  # fmt: skip
    x = 20
    for text in examples:
        patch.cord(patch.message(text, x, 160), panel)
        x += 8 * len(text) + 24
    told = patch.object("print manned", 20, 250 + HEIGHT, outlets=0)
    patch.cord(panel, told)
    return patch.text(presentation=False)
