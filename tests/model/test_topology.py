"""The definition of a network: what it derives and what it refuses."""

import json

import pytest

from manned.errors import ModelError
from manned.model.topology import Topology


def test_the_default_is_the_paper_s_network():
    topology = Topology()
    assert topology.bins == 2049
    assert topology.encoder_layers() == [
        (2061, 1024, "leaky_relu"), (1024, 512, "leaky_relu"), (512, 256, "leaky_relu"), (256, 128, "leaky_relu"),
        (128, 64, "leaky_relu"), (64, 32, "leaky_relu"), (32, 16, "leaky_relu"), (16, 2, "sigmoid"),
    ]  # fmt: skip
    assert [layer[:2] for layer in topology.decoder_layers()] == [
        (14, 16), (16, 32), (32, 64), (64, 128), (128, 256), (256, 512), (512, 1024), (1024, 2049)
    ]  # fmt: skip
    assert topology.decoder_layers()[-1][2] == "relu"


@pytest.mark.parametrize(
    ("options", "encoder_inputs", "decoder_inputs"),
    [
        ({"augmentation": "none", "skip": False}, 2049, 2),
        ({"augmentation": "difference", "skip": False}, 4097, 2),
        ({"augmentation": "chroma", "skip": False}, 2061, 2),
        ({"augmentation": "chroma", "skip": True, "bottleneck": 8}, 2061, 20),
        ({"augmentation": "chroma", "skip": True, "octaves": (2, 3, 4, 5, 6)}, 2066, 19),
        ({"augmentation": "chroma", "skip_every_layer": True}, 2061, 14),
    ],
)
def test_conditions_widen_the_inputs(options, encoder_inputs, decoder_inputs):
    topology = Topology(**options)
    assert (topology.encoder_inputs, topology.decoder_inputs) == (encoder_inputs, decoder_inputs)


def test_the_skip_can_enter_every_layer():
    topology = Topology(widths=(64, 8), skip_every_layer=True, octaves=(3, 4))
    assert [layer[:2] for layer in topology.decoder_layers()] == [(16, 8), (8 + 14, 64), (64 + 14, 2049)]


def test_a_topology_survives_json():
    topology = Topology(widths=(64, 8), bottleneck=3, octaves=(3, 4), output="square", skip_every_layer=True)
    assert Topology.from_dict(json.loads(json.dumps(topology.as_dict()))) == topology


@pytest.mark.parametrize(
    ("values", "named"),
    [
        ({"bottleneck": 0}, "bottleneck"),
        ({"bottleneck": 2.5}, "bottleneck"),
        ({"bottleneck_activation": "tanh"}, "tanh"),
        ({"augmentation": "mel"}, "mel"),
        ({"output": "sigmoid"}, "sigmoid"),
        ({"widths": ()}, "widths"),
        ({"widths": (16, 0)}, "widths"),
        ({"octaves": (4, 3)}, "octaves"),
        ({"octaves": (3, 3)}, "octaves"),
        ({"octaves": (3, 11)}, "octaves"),
        ({"octaves": (10**11,)}, "octaves"),
        ({"octaves": (3.5,)}, "topology"),
        ({"widths": (float("inf"),)}, "topology"),
        ({"alpha": "x"}, "alpha"),
        ({"skip": False, "skip_every_layer": True}, "skip_every_layer"),
        ({"alpha": None}, "alpha"),
        ({"alpha": float("nan")}, "alpha"),
        ({"alpha": 10**400}, "topology"),
        ({"hop": -1}, "hop"),
        ({"width": (16,)}, "width"),
        ({"widths": "wide"}, "topology"),
    ],
)
def test_what_makes_no_network_is_refused_by_name(values, named):
    with pytest.raises(ModelError, match=named):
        Topology.from_dict(values)
