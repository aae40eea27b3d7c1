"""A layout for TouchOSC (the second one, of 2021 and later): XML, compressed by zlib."""

from __future__ import annotations

import uuid
import zlib
from collections.abc import Iterable
from xml.etree import ElementTree as xml

from controls import HEIGHT, METER_RATE, RENEW_S, WIDTH, Control

TYPES = {"toggle": "BUTTON", "button": "BUTTON", "steps": "RADIO", "fader": "FADER", "pad": "XY", "meter": "FADER"}
COLOURS = {
    "toggle": (1, 0.6, 0.2), "button": (0.5, 0.55, 0.6), "steps": (1, 0.6, 0.2),
    "fader": (0.3, 0.7, 0.9), "pad": (0.5, 0.85, 0.5), "meter": (0.6, 0.9, 0.3),
}  # fmt: skip
TOGGLE_PRESS, MOMENTARY = 2, 0
CONNECTIONS = "00001"
"""Of five connections, the first."""
NAMESPACE = uuid.uuid5(uuid.NAMESPACE_URL, "urn:manned:touchosc")

SCRIPT = f"""\
-- Asks to be told what changes, again and again, and shows the levels.
local told = nil

function update()
  local now = getMillis()
  if told == nil or now - told > {1000 * RENEW_S} then
    sendOSC('/notify', 1)
    sendOSC('/meter', {METER_RATE})
    if told == nil then sendOSC('/dump') end
    told = now
  end
end

function onReceiveOSC(message, connections)
  if message[1] == '/meter' then
    self.children['meter left'].values.x = math.min(message[2][1].value, 1)
    self.children['meter right'].values.x = math.min(message[2][2].value, 1)
  end
end
"""


def layout(controls: Iterable[Control]) -> bytes:
    """The file, always the same of the same controls."""
    root = xml.Element("lexml", version="3")
    page = _node(root, "GROUP", "manned", (0, 0, WIDTH, HEIGHT), (0.08, 0.08, 0.1), script=SCRIPT)
    _values(page, touch="false")
    children = xml.SubElement(page, "children")
    for control in controls:
        _control(children, control)
        _caption(children, control)
    # Level 9 of zlib is the same everywhere; another zlib may write other bytes of the same content.
    return zlib.compress(xml.tostring(root, "utf-8", xml_declaration=True), 9)


def _control(children: xml.Element, control: Control) -> None:
    facts: dict[str, bool | int | str] = {"interactive": control.look != "meter"}
    if control.look in ("toggle", "button"):
        facts |= {"buttonType": TOGGLE_PRESS if control.look == "toggle" else MOMENTARY}
    if control.look == "steps":
        facts |= {"steps": len(control.words), "radioType": 0, "orientation": 1}
    node = _node(children, TYPES[control.look], control.name, control.frame, COLOURS[control.look], **facts)
    axes = ("x", "y") if control.look == "pad" else ("x",)
    _values(node, touch="false", **dict.fromkeys(axes, "0"))
    if control.look != "meter":
        _message(node, control, axes)


def _message(node: xml.Element, control: Control, axes: tuple[str, ...]) -> None:
    osc = xml.SubElement(xml.SubElement(node, "messages"), "osc")
    shows = control.look != "button"
    for name, on in (("enabled", True), ("send", True), ("receive", shows), ("feedback", False)):
        xml.SubElement(osc, name).text = str(int(on))
    xml.SubElement(osc, "connections").text = CONNECTIONS
    triggers = xml.SubElement(osc, "triggers")
    for axis in axes:
        trigger = xml.SubElement(triggers, "trigger")
        xml.SubElement(trigger, "var").text = axis
        xml.SubElement(trigger, "condition").text = "ANY" if shows else "RISE"
    _partial(xml.SubElement(osc, "path"), "CONSTANT", "STRING", control.address)
    arguments = xml.SubElement(osc, "arguments")
    if not shows:
        if control.argument is not None:
            _partial(arguments, "CONSTANT", "STRING", str(control.argument))
        return
    # A radio's x is the number of its step already.
    low, high = (0, 1) if control.look == "steps" else (control.first, control.last)
    for axis in axes:
        _partial(arguments, "VALUE", "INTEGER" if control.look in ("steps", "toggle") else "FLOAT", axis, low, high)


def _partial(parent: xml.Element, kind: str, conversion: str, value: str, low: float = 0, high: float = 1) -> None:
    partial = xml.SubElement(parent, "partial")
    texts = {"type": kind, "conversion": conversion, "value": value, "scaleMin": f"{low:g}", "scaleMax": f"{high:g}"}
    for name, text in texts.items():
        xml.SubElement(partial, name).text = text


def _caption(children: xml.Element, control: Control) -> None:
    """Words: on a button, above anything else; the names of steps on the steps."""
    x, y, width, height = control.frame
    inside = control.look in ("button", "toggle")
    frame = control.frame if inside else (x, y - 20, width, 20)
    _label(children, control.label, frame)
    for place, word in enumerate(control.words):
        share = width // len(control.words)
        _label(children, word, (x + place * share, y, share, height))


def _label(children: xml.Element, text: str, frame: tuple[int, int, int, int]) -> None:
    node = _node(
        children, "LABEL", f"label {text} {frame[0]}", frame, (0, 0, 0),
        interactive=False, background=False, outline=False, textSize=12,
    )  # fmt: skip
    _values(node, touch="false", text=text)


def _node(
    parent: xml.Element,
    kind: str,
    name: str,
    frame: tuple[int, int, int, int],
    colour: tuple[float, float, float],
    **facts: bool | int | str,
) -> xml.Element:
    node = xml.SubElement(parent, "node", ID=str(uuid.uuid5(NAMESPACE, name)), type=kind)
    properties = xml.SubElement(node, "properties")
    common: dict[str, bool | int | str] = {"background": True, "visible": True, "outline": True, "name": name}
    for key, value in sorted((common | facts).items()):
        kind = "b" if isinstance(value, bool) else "i" if isinstance(value, int) else "s"
        _property(properties, kind, key).text = str(int(value) if isinstance(value, bool) else value)
    for kind, key, names, numbers in (("r", "frame", "xywh", frame), ("c", "color", "rgba", (*colour, 1))):
        value = _property(properties, kind, key)
        for letter, number in zip(names, numbers):
            xml.SubElement(value, letter).text = f"{number:g}"
    return node


def _property(properties: xml.Element, kind: str, key: str) -> xml.Element:
    entry = xml.SubElement(properties, "property", type=kind)
    xml.SubElement(entry, "key").text = key
    return xml.SubElement(entry, "value")


def _values(node: xml.Element, **values: str) -> None:
    entries = xml.SubElement(node, "values")
    for key, default in values.items():
        entry = xml.SubElement(entries, "value")
        facts = {"key": key, "locked": "0", "lockedDefaultCurrent": "0", "default": default, "defaultPull": "0"}
        for name, text in facts.items():
            xml.SubElement(entry, name).text = text
