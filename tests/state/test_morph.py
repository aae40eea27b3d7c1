"""A morph goes at constant perceptual speed, on the audio clock, and where it is asked to."""

import numpy as np
import pytest
import soundfile
from harmonic_decoder import harmonic_decoder
from running import command
from session import Session

from manned import events
from manned.library import Library
from manned.model.decoder_file import load_decoder
from manned.model.forward import decode
from manned.model.timbre_map import TimbreMap
from manned.model.timbre_path import excitation_db, timbre_path
from manned.state.preset import Preset
from manned.state.preset_folder import PresetFolder
from manned.state.tree import Source


@pytest.fixture(scope="module")
def atlas():
    return load_decoder(Library().find_decoder("atlas-spectrum"))


@pytest.fixture
def session(tmp_path):
    session = Session(harmonic_decoder(), tmp_path)
    for name, values in {
        "dark": {"latent/1": 0.0, "latent/2": 0.5, "env/release": 0.0, "chroma": 0},
        "bright": {"latent/1": 1.0, "latent/2": 0.5, "env/release": 2.0, "chroma": 7},
        "other": {"latent/1": 1.0, "latent/2": 0.0, "env/release": 2.0},
    }.items():
        session.presets.write(Preset(name, "harmonic", 2, values))
    return session


def heard(decoder, points, pitch_class=0, octave=4):
    """Perceptual steps between neighbouring points, in decibels."""
    frames = np.stack([decode(decoder, point, pitch_class, octave) for point in points])
    levels = excitation_db(frames / frames.max(axis=1, keepdims=True))
    return np.sqrt(np.mean(np.diff(levels, axis=0) ** 2, axis=1))


# -- paths ------------------------------------------------------------------------


def test_equal_parts_of_a_path_sound_equally_far_apart(atlas):
    rng = np.random.default_rng(3)
    for _ in range(5):
        start, end = rng.random((2, atlas.latent_count))
        path = timbre_path(atlas, [start, end], 0, 4)
        steps = heard(atlas, [path.at(position) for position in np.linspace(0, 1, 26)])
        straight = heard(atlas, np.linspace(start, end, 26))
        assert np.std(steps) < 0.05 * np.mean(steps)
        assert np.std(straight) > 2 * np.std(steps)


def test_a_path_leads_through_its_points_and_its_length_is_that_of_its_legs(atlas):
    points = np.random.default_rng(6).random((3, atlas.latent_count))
    path = timbre_path(atlas, points, 9, 3)
    legs = [timbre_path(atlas, points[i : i + 2], 9, 3).length_db for i in (0, 1)]
    assert path.length_db == pytest.approx(sum(legs), rel=1e-5)
    assert path.stops == pytest.approx([0.0, legs[0] / sum(legs), 1.0], abs=1e-5)
    for stop, point in zip(path.stops, points):
        assert path.at(stop) == pytest.approx(point, abs=1e-5)


def test_a_path_between_points_that_sound_the_same_goes_evenly():
    path = timbre_path(harmonic_decoder(), [[0.5, 0.0], [0.5, 1.0]])
    assert path.length_db == 0.0
    assert path.at(0.25) == pytest.approx([0.5, 0.25], abs=1e-6)


def test_without_a_map_inside_is_the_straight_path():
    decoder = harmonic_decoder()
    paths = [timbre_path(decoder, [[0.1, 0.0], [0.9, 1.0]], inside=inside) for inside in (False, True)]
    assert np.array_equal(paths[0].latents, paths[1].latents)


def horseshoe():
    """Landmarks on three quarters of a circle; the straight way between its ends is empty."""
    angles = np.linspace(0.25, 1.75, 60) * np.pi
    return TimbreMap(np.stack([0.5 + 0.4 * np.cos(angles), 0.5 + 0.4 * np.sin(angles)], 1).astype(np.float32), 0.04)


def test_a_way_goes_round_empty_space():
    timbres = horseshoe()
    ends = timbres.landmarks[[0, -1]]
    assert timbres.inside(np.linspace(*ends, 50)).mean() < 0.2
    way = timbres.way(*ends)
    assert timbres.inside(way).all()
    assert np.allclose(way[[0, -1]], ends, atol=1e-6)
    turns = np.diff(way, 2, axis=0)
    assert np.linalg.norm(turns, axis=1).max() < 0.3 * np.linalg.norm(np.diff(way, axis=0), axis=1).mean()


def test_a_way_that_is_inside_anyhow_stays_straight():
    timbres = horseshoe()
    start, end = timbres.landmarks[[10, 12]]
    assert np.allclose(timbres.way(start, end), np.linspace(start, end, 129), atol=1e-6)


def test_the_shipped_map_keeps_ways_among_sounds(atlas):
    straight, kept = [], []
    for start, end in np.random.default_rng(0).random((30, 2, atlas.latent_count)):
        straight.append(atlas.timbres.inside(np.linspace(start, end, 129)).mean())
        kept.append(atlas.timbres.inside(atlas.timbres.way(start, end)).mean())
    assert np.mean(straight) < 0.55 and np.mean(kept) > 0.8


# -- motion -----------------------------------------------------------------------


def test_a_morph_is_between_its_presets_and_ends_in_them(session):
    assert session.send("/morph", "dark", "bright", 0) == [("/done", "/morph", "dark", "bright")]
    assert session.latents() == [0.0, 0.5]
    assert session.send("/morph", "dark", "bright", 1) == [("/done", "/morph", "dark", "bright")]
    assert session.latents() == [1.0, 0.5]
    session.send("/morph", "dark", "bright", 0.5)
    assert 0.0 < session.instrument.get("latent/1") < 1.0
    assert session.instrument.get("env/release") == pytest.approx(1.0)


def test_what_knows_no_between_stays_as_it_is(session):
    session.send("/chroma", 4)
    session.send("/morph", "dark", "bright", 1)
    assert session.instrument.get("chroma") == 4


def test_a_position_takes_effect_in_one_block(session):
    session.send("/morph/path", "dark", "bright", "other")
    session.engine.handed.clear()
    session.send("/morph/position", 0.75)
    (block,) = session.engine.handed
    assert [event.kind for event in block].count(events.LATENT) == 2
    assert session.send("/morph/position") == [("/morph/position", 0.75)]


def test_a_path_alone_moves_nothing(session):
    before = session.latents()
    assert session.send("/morph/path", "dark", "bright", "other")[0][:2] == ("/done", "/morph/path")
    assert session.latents() == before
    assert session.send("/morph/path") == [("/morph/path", "dark", "bright", "other")]


def test_what_is_asked_of_a_path_that_is_being_made_is_done_then(session):
    session.send_all(("/morph/path", "dark", "bright"), ("/morph/position", 1.0))
    assert session.latents() == [1.0, 0.5]
    session.send_all(*[("/morph", "bright", "other", position) for position in (0.1, 0.5, 1.0)])
    assert session.latents() == [1.0, 0.0]


def test_the_last_of_several_paths_counts(session):
    session.send_all(("/morph", "dark", "bright", 1), ("/morph", "bright", "other", 1))
    assert session.send("/morph/path") == [("/morph/path", "bright", "other")]
    assert session.latents() == [1.0, 0.0]


def test_a_preset_that_changes_changes_its_morph(session):
    session.send("/morph", "dark", "bright", 1)
    session.presets.write(Preset("bright", "harmonic", 2, {"latent/1": 0.75, "latent/2": 0.5}))
    session.send("/morph", "dark", "bright", 1)
    assert session.latents() == [0.75, 0.5]


@pytest.mark.parametrize(
    ("message", "answer"),
    [
        (("/morph", "dark", "nowhere", 0.5), ("/fail", "/morph", "preset 'nowhere': no such preset")),
        (("/morph/path", "../dark", "bright"), ("/fail", "/morph/path")),
    ],
)
def test_a_path_that_cannot_be_is_told(session, message, answer):
    assert session.send(*message)[0][: len(answer)] == answer
    before = session.latents()
    with pytest.raises(Exception, match="there is no way yet"):
        session.send("/morph/position", 0.5)
    assert session.latents() == before and session.instrument.get("morph/position") == 0.0


def test_a_travel_takes_its_time_on_the_audio_clock(session):
    session.send("/morph/path", "dark", "bright")
    session.send("/latent/1", 0.0)
    session.send("/morph/position", 0.0)
    session.engine.handed.clear()
    session.send("/morph/play", 2.0)
    session.play(2.5)
    steps = [block for block in session.engine.handed if any(event.kind == events.LATENT for event in block)]
    dates = [block[0].when for block in steps]
    assert set(np.diff(dates)) == {882}
    assert len(steps) == 100
    assert all({event.when for event in block} == {date} for block, date in zip(steps, dates))
    assert session.latents() == [1.0, 0.5]
    assert len(session.schedule) == 0


def test_a_travel_glides_evenly_and_leaves_the_glide_as_it_was(session):
    session.send("/glide", 5.0)
    session.send("/morph", "dark", "bright", 0)
    session.engine.handed.clear()
    session.send("/morph/play", 1.0)
    session.play(1.5)
    glides = [event.a for block in session.engine.handed for event in block if event.kind == events.GLIDE]
    assert glides[::2] == pytest.approx([0.02] * (len(glides) // 2)) and set(glides[1::2]) == {5.0}
    assert session.instrument.get("glide") == 5.0


def test_a_travel_from_elsewhere_first_glides_to_its_beginning(session):
    session.send("/morph/path", "dark", "bright")
    session.send("/latents", 1.0, 1.0)
    session.engine.handed.clear()
    session.send("/morph/play", 1.0)
    session.play(0.3)
    first = next(block for block in session.engine.handed if any(event.kind == events.LATENT for event in block))
    assert [event.a for event in first if event.kind == events.LATENT] == [0.0, 0.5]
    assert next(event.a for event in first if event.kind == events.GLIDE) == pytest.approx(0.1)


@pytest.mark.parametrize("stop", [("/morph/play", 0), ("/morph/position", 0.3), ("/preset/load", "dark")])
def test_a_travel_can_be_stopped(session, stop):
    session.send("/morph/path", "dark", "bright")
    session.send("/morph/play", 3600)
    session.play(0.5)
    session.send(*stop)
    before = session.latents()
    session.play(0.5)
    assert session.latents() == before
    assert len(session.schedule) == 0


def test_morphing_in_some_seconds_goes_on_from_where_it_is(session):
    session.send("/morph", "dark", "bright", 0.5)
    session.send("/morph", "dark", "bright", 1.0, 0.5)
    seen = [session.instrument.get("morph/position") for _ in range(30) if session.play(0.02)]
    assert seen == sorted(seen) and seen[0] >= 0.5 and seen[-1] == 1.0


def test_another_model_needs_a_new_path(session):
    session.send("/morph", "dark", "bright", 0.5)
    session.instrument.use_model(harmonic_decoder(latents=3))
    with pytest.raises(Exception, match="the way was made for model harmonic"):
        session.send("/morph/position", 0.7)
    session.send("/morph", "dark", "bright", 1.0)
    assert session.latents() == [1.0, 0.5, 0.5]


def test_the_same_model_loaded_again_keeps_the_path(session):
    session.send("/morph", "dark", "bright", 0.5)
    session.instrument.use_model(harmonic_decoder())
    session.send("/morph/position", 1.0)
    assert session.latents() == [1.0, 0.5]
    assert session.send("/morph", "dark", "bright", 0.0) == [("/done", "/morph", "dark", "bright")]


def test_a_morph_that_is_asked_again_is_answered_each_time(session):
    done = ("/done", "/morph", "dark", "bright")
    answers = session.send_all(*[("/morph", "dark", "bright", position) for position in (0.1, 0.5, 1.0)])
    assert answers == [done] * 3 and session.latents() == [1.0, 0.5]
    assert session.send("/morph", "dark", "bright", 0.25) == [done]


@pytest.mark.parametrize("latents", [2, 3])
def test_another_model_ends_a_travel_with_one_warning(session, caplog, latents):
    session.send("/morph", "dark", "bright", 0)
    session.send("/morph", "dark", "bright", 1, 3)
    session.play(0.5)
    other = harmonic_decoder(latents=latents)
    other.name = "other model"
    session.instrument.use_model(other)
    before = session.latents()
    session.play(1.0)
    assert session.latents() == before and len(session.schedule) == 0
    (record,) = caplog.records
    assert record.getMessage() == (
        "/morph: it ends on the way, its path was made for model harmonic and other model plays now"
    )


def test_who_moves_what_is_told(session):
    session.send("/morph/path", "dark", "bright")
    told = []
    session.instrument.tree.listen(told.extend)
    with session.instrument.together(source=Source("osc", "a fader")):
        session.send("/morph/position", 1.0)
    sources = {change.name: change.source.kind for change in told}
    assert sources["latent/1"] == "morph" and sources["morph/position"] == "osc"


def test_inside_changes_the_way_while_it_is_played(tmp_path):
    decoder = harmonic_decoder()
    decoder.timbres = horseshoe()
    session = Session(decoder, tmp_path)
    for name, point in zip("ab", decoder.timbres.landmarks[[0, -1]].tolist()):
        session.presets.write(Preset(name, "harmonic", 2, {"latent/1": point[0], "latent/2": point[1]}))
    session.send("/morph", "a", "b", 0.5)
    straight = session.latents()
    session.send("/morph/inside", 1)
    assert decoder.timbres.inside(np.array([session.latents()])).all()
    assert not decoder.timbres.inside(np.array([straight])).any()
    session.send("/morph/inside", 0)
    assert session.latents() == pytest.approx(straight)


def test_a_flood_of_paths_is_bounded(session):
    answers = session.send_all(*[("/morph/path", *names) for names in [("dark", "bright"), ("bright", "dark")] * 50])
    assert sum(answer[0] == "/fail" and "waiting" in answer[2] for answer in answers) > 80
    assert session.send("/morph", "dark", "other", 1.0)[0][0] == "/done"
    assert session.latents() == [1.0, 0.0]


def test_a_score_of_presets_and_morphs_renders_to_the_same_sound_twice(tmp_path):
    folder = tmp_path / "presets"
    for name, values in {"a": {"latent/1": 0.1, "latent/2": 0.9}, "b": {"latent/1": 0.9, "latent/3": 0.2}}.items():
        PresetFolder(folder).write(Preset(name, "atlas", 3, values))
    score = tmp_path / "score.txt"
    score.write_text("0 /preset/load a\n0 /gate 1\n0.2 /morph a b 0\n0.4 /morph/play 0.8\n1.5 /gate 0\n")
    sounds = []
    for name in ("one.wav", "two.wav"):
        done = command("render", score, "-o", tmp_path / name, "--set", f"state.folder={tmp_path}")
        assert done.returncode == 0, done.stderr
        sounds.append(soundfile.read(tmp_path / name)[0])
    assert sounds[0].any() and np.array_equal(*sounds)
    score.write_text("0 /preset/load nowhere\n1 /gate 0\n")
    done = command("render", score, "-o", tmp_path / "no.wav", "--set", f"state.folder={tmp_path}")
    assert done.returncode == 1 and "line 1: /preset/load: preset 'nowhere': no such preset" in done.stderr
