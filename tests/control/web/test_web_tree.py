"""OSCQuery's tree, by GET."""

import json

import pytest

from manned.table.commands import command_table


def leaves(node):
    if "TYPE" in node:
        yield node
    for child in node.get("CONTENTS", {}).values():
        yield from leaves(child)


def test_a_value_is_told_with_its_type_range_and_sentence(web):
    assert web.tree("/env/attack") == {
        "FULL_PATH": "/env/attack",
        "TYPE": "f",
        "ACCESS": 3,
        "VALUE": [0.003],
        "RANGE": [{"MIN": 0.0, "MAX": 20.0}],
        "CLIPMODE": ["both"],
        "UNIT": ["time.second"],
        "DESCRIPTION": "Time from note-on to full level.",
        "LABEL": "Attack",
        "DEFAULT": [0.003],
        "CURVE": "power",
    }


def test_the_tree_holds_every_parameter_and_every_command_of_the_model(web):
    names = {node["FULL_PATH"][1:] for node in leaves(web.tree("/"))}
    commands = {name for name, (_, number) in command_table().items() if not number or number[0] <= 3}
    assert names == {*web.osc.instrument.parameters, *commands}


def test_every_node_stands_where_its_path_says(web):
    def walk(node, path):
        assert node["FULL_PATH"] == path or (path, node["FULL_PATH"]) == ("", "/")
        for name, child in node.get("CONTENTS", {}).items():
            walk(child, f"{path}/{name}")

    walk(web.tree("/"), "")


def test_each_value_has_what_its_type_says(web):
    kinds = {"f": (float, int), "i": int, "s": str, "T": bool}
    for node in leaves(web.tree("/")):
        for tag, value in zip(node["TYPE"], node.get("VALUE", ())):
            assert isinstance(value, kinds[tag]), node
        for words in ("RANGE", "CLIPMODE", "UNIT"):
            assert len(node.get(words, node["TYPE"])) == len(node["TYPE"]), node
        if "VALUE" in node:
            assert node["ACCESS"] & 1


@pytest.mark.parametrize(
    ("path", "type_", "access", "value"),
    [
        ("/latents", "fff", 3, [0.5, 0.5, 0.5]),
        ("/xy", "ff", 3, [0.5, 0.5]),
        ("/chroma", "i", 3, [0]),
        ("/gate", "T", 3, [False]),
        ("/phase", "s", 3, ["peaks"]),
        ("/model", "s", 3, ["three"]),
        ("/model/list", "ssssss", 1, ["broken", "three", "two", "atlas", "atlas-0.1", "atlas-spectrum"]),
        ("/tuning/scale", "s", 3, [""]),
        ("/macro/1/bind", "ssff", 3, ["Brightness", "/brightness", -1.0, 1.0]),
        ("/allsoundoff", "N", 2, None),
        ("/mnote", "ffi", 2, None),
    ],
)
def test_types_and_values_of_some(web, path, type_, access, value):
    node = web.tree(path)
    assert (node["TYPE"], node["ACCESS"], node.get("VALUE")) == (type_, access, value)


def test_a_value_that_was_set_is_told(web, client):
    client.send("/phase", "noise")
    client.ask("/phase")
    assert web.tree("/phase")["VALUE"] == ["noise"]
    assert web.tree("/phase")["RANGE"] == [{"VALS": ["peaks", "noise", "rtpghi"]}]


def test_a_target_is_a_number_or_a_word(web, client):
    assert (web.tree("/lfo/1/target")["TYPE"], web.tree("/lfo/1/target")["VALUE"]) == ("i", [1])
    client.send("/lfo/1/target", "pan")
    client.ask("/lfo/1/target")
    assert (web.tree("/lfo/1/target")["TYPE"], web.tree("/lfo/1/target")["VALUE"]) == ("s", ["pan"])


def test_an_address_with_addresses_below_it_is_both(web):
    node = web.tree("/gain")
    assert node["VALUE"] == [0.7] and list(node["CONTENTS"]) == ["db"]


@pytest.mark.parametrize("attribute", ["VALUE", "TYPE", "RANGE", "ACCESS", "DESCRIPTION", "FULL_PATH", "CLIPMODE"])
def test_one_attribute_can_be_asked(web, attribute):
    assert web.tree(f"/latent/1?{attribute}") == {attribute: web.tree("/latent/1")[attribute]}


def test_what_is_not_there_is_told_by_the_proposals_codes(web):
    assert web.get("/nothing")[0] == 404
    assert web.get("/latent/1?GABBA")[0] == 400
    assert web.get("/allsoundoff?VALUE")[0] == 204
    assert web.get("/latent?VALUE")[0] == 204
    assert web.get("/latent/1", method="POST")[0] in (400, 405)


@pytest.mark.parametrize("path", ["/?HOST_INFO", "/latent?HOST_INFO"])
def test_the_host_info_leads_to_the_osc_port(web, path):
    info = web.tree(path)
    assert (info["NAME"], info["OSC_IP"], info["OSC_PORT"], info["OSC_TRANSPORT"]) == (
        "manned",
        "127.0.0.1",
        web.osc.port,
        "UDP",
    )
    assert info["WS_PORT"] == web.port
    assert all(info["EXTENSIONS"][word] for word in ("VALUE", "LISTEN", "PATH_CHANGED", "CLIPMODE", "UNIT"))


def test_paths_are_taken_as_browsers_write_them(web):
    assert web.tree("/latent%2F1") == web.tree("/latent/1/") == web.tree("/latent/1")


def test_the_whole_tree_is_small_and_quick(web):
    body = web.get("/")[2]
    assert len(body) < 200_000
    assert json.loads(body)["ACCESS"] == 0
