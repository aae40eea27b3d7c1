"""A session for Open Stage Control, version 1.25 and later: JSON."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from controls import HOST, METER_RATE, PORT, RENEW_S, Control

VERSION = "1.25.0"
ASK = f"send('/notify', 1)\nsend('/meter', {METER_RATE})"
START = f"{ASK}\nsend('/dump')\nsetInterval('told', () => {{\n{ASK}\n}}, {1000 * RENEW_S})"


def session(controls: Iterable[Control]) -> str:
    """The file."""
    widgets, meters = [], []
    for control in controls:
        widgets.append(_widget(control))
        if control.look == "meter":
            meters.append(f"set('{control.name}', value[{control.place}], {{send: false}})")
        elif control.look != "button":
            widgets.append(_caption(control))
    # One address tells several levels, and a fader shows one: a variable hands them on.
    widgets.append(
        {"type": "variable", "id": "levels", "address": "/meter", "bypass": True, "onValue": "\n".join(meters)}
    )
    content = {
        "type": "root",
        "id": "root",
        "target": f"{HOST}:{PORT}",
        "onCreate": START,
        "widgets": widgets,
        "tabs": [],
    }
    file = {"createdWith": "Open Stage Control", "version": VERSION, "type": "session", "content": content}
    return json.dumps(file, indent=1) + "\n"


def _widget(control: Control) -> dict[str, Any]:
    limits = {"min": control.first, "max": control.last}
    common = {"id": control.name, "address": control.address, **_place(control.frame)}
    if control.look == "toggle":
        return {"type": "button", **common, "label": control.label, "mode": "toggle", "on": 1, "off": 0}
    if control.look == "button":
        more = {"on": 1} if control.argument is None else {"on": control.argument}
        return {"type": "button", **common, "label": control.label, "mode": "tap", **more}
    if control.look == "steps":
        return {
            "type": "switch",
            **common,
            "layout": "horizontal",
            "values": dict(zip(control.words, _numbers(control))),
        }
    if control.look == "pad":
        return {"type": "xy", **common, "rangeX": limits, "rangeY": limits, "decimals": 4}
    if control.look == "meter":
        # It has an address of its own, or it would take the first number of the other one's.
        common |= {"address": "auto", "bypass": True, "interaction": False}
        return {"type": "fader", **common, "design": "compact", "range": limits}
    return {"type": "fader", **common, "design": "compact", "range": limits, "decimals": 4}


def _numbers(control: Control) -> range:
    return range(int(control.first), int(control.last) + 1)


def _caption(control: Control) -> dict[str, Any]:
    x, y, width, _ = control.frame
    place = _place((x, y - 20, width, 20))
    return {"type": "text", "id": f"{control.name}-label", "value": control.label, "bypass": True, **place}


def _place(frame: tuple[int, int, int, int]) -> dict[str, int]:
    return dict(zip(("left", "top", "width", "height"), frame))
