"""What the page draws and no address tells."""

import gzip
import json
import time

from manned.control.web import facts as web_facts
from manned.control.web.facts import CHART, PRESETS, SOUNDS, Facts
from manned.model.surface import measure
from manned.state.preset_folder import PresetFolder


def test_the_chart_is_measured_anew_when_another_latent_or_the_drone_moves(facts, client):
    first = facts.tree(CHART)
    assert (first["rows"], first["columns"]) == (len(first["brightness_hz"]), len(first["brightness_hz"][0]))
    assert first["model"] == "three" and first["depends"] == ["/latent/3", "/chroma", "/octave"]
    assert facts.tree(CHART) == first
    client.send("/latent/1", 0.9)
    facts.osc.wait_until(lambda: facts.osc.instrument.get("latent/1") > 0.8)
    assert facts.tree(CHART) == first
    client.send("/latent/3", 0.9)
    facts.osc.wait_until(lambda: facts.osc.instrument.get("latent/3") > 0.8)
    assert facts.tree(CHART)["brightness_hz"] != first["brightness_hz"]


def test_a_chart_that_is_known_is_told_at_once(facts):
    facts.tree(CHART)
    begun = time.monotonic()
    facts.tree(CHART)
    assert time.monotonic() - begun < 0.5


def test_what_a_page_asks_for_first_is_worked_out_before_it_asks(osc, tmp_path, monkeypatch):
    measured = []
    monkeypatch.setattr(web_facts, "measure", lambda *place: measured.append(place) or measure(*place))
    facts = Facts(osc.instrument, PresetFolder(tmp_path))
    osc.call(facts.prepare)
    osc.wait_until(lambda: measured)
    assert json.loads(osc.do(facts.get(CHART)))["model"] == "three"
    assert len(measured) == 1


def test_presets_are_told_with_the_place_they_have_on_this_model(facts, tmp_path):
    folder = tmp_path / "presets" / "bells"
    folder.mkdir(parents=True)
    for name, model in (("Mine", "three"), ("Other", "two")):
        values = {"latent/1": 0.25, "latent/2": 0.75, "latent/3": 0.5}
        told = {"format": 2, "model": model, "latents": 3, "values": values, "kinds": ["dark"], "comment": "<b>no</b>"}
        (folder / f"{name}.json").write_text(json.dumps(told))
    mine, other = facts.tree(PRESETS)["presets"]
    assert mine == {
        "name": "bells/Mine",
        "kinds": ["bells", "dark"],
        "author": "",
        "comment": "<b>no</b>",
        "model": "three",
        "place": [0.25, 0.75],
    }
    assert "place" not in other


def test_a_page_of_another_site_is_told_nothing(facts):
    for path in (CHART, PRESETS, SOUNDS):
        assert facts.get(path, Origin="http://evil.example")[0] == 403
        assert facts.get(path, method="POST")[0] in (400, 405)


def test_the_sounds_that_a_model_has_learned_from_are_told_with_their_names(facts):
    facts.osc.instrument.decoder.info["places"] = [["a/001 One", 0.25, 0.5], ["b", 0.25, 0.5], ["c", 1.0, 0.0]]
    assert facts.tree(SOUNDS) == {"model": "three", "sounds": [[0.25, 0.5, ["a/001 One", "b"]], [1.0, 0.0, ["c"]]]}


def test_large_answers_come_packed_to_who_takes_that(facts):
    status, headers, body = facts.get("/", Accept_Encoding="deflate, gzip;q=1.0")
    plain = facts.get("/", Accept_Encoding="gzip;q=0")
    assert status == 200 and headers["Content-Encoding"] == "gzip" and plain[1]["Content-Encoding"] is None
    assert gzip.decompress(body) == plain[2] == facts.get("/")[2]
    assert len(body) < 0.3 * len(plain[2])
