"""Patches that play notes drawn for each of them, and patches whose filter runs away."""

import pytest

from manned.errors import ConfigError
from training.corpus.sounds.render import render
from training.corpus.sounds.source_list import Notes, Selection, SourceList, read_source_list
from training.corpus.sounds.takes import takes
from training.corpus.sources.patch import Patch

NOTES = Notes("C1", "C8", velocities=(40, 100), held_s=0.3, spacing_s=0.35, drawn=10)
RUNS_AWAY = "amsynth/PatriksBank01/008 *"  # its resonance gives no number at low notes


def test_a_patch_plays_as_many_notes_as_are_drawn_from_the_bottom_to_the_top():
    played = NOTES.played_by("a patch", 1)
    assert len(played) == 10 and set(played) <= set(NOTES.played())
    assert [note for note, _ in played] == sorted(note for note, _ in played)
    assert played[0][0] < 36 and played[-1][0] > 96


def test_patches_play_other_notes_and_each_its_own_whoever_else_is_there():
    wanted = SourceList(NOTES, (Selection("amsynth"),))
    patches = [Patch("amsynth", f"patch {number}") for number in range(40)]
    every = {take.patch.name: take.notes for take in takes(patches, wanted)}
    some = {take.patch.name: take.notes for take in takes(patches[7:9], wanted)}
    assert len({tuple(each.note for each in notes) for notes in every.values()}) == 40
    assert all(every[name] == notes for name, notes in some.items())
    assert {each.velocity for notes in every.values() for each in notes} == {40, 100}


def test_all_notes_are_played_when_none_are_drawn():
    plain = Notes("C4", "E4")
    assert plain.played_by("a patch", 1) == plain.played()


def test_a_folder_of_a_list_without_drawn_notes_is_still_its_own():
    assert "drawn" not in SourceList(Notes("C4", "E4"), (Selection("amsynth"),)).as_dict()["notes"]


def test_more_notes_than_there_are_cannot_be_drawn(tmp_path):
    path = tmp_path / "list.toml"
    path.write_text('[notes]\nfirst = "C4"\nlast = "D4"\ndrawn = 9\n[[sources]]\nname = "amsynth"\n')
    with pytest.raises(ConfigError, match=r"notes\.drawn is 9; allowed is 0 \(all\) to 3"):
        read_source_list(path)


def test_the_list_of_the_harmonic_decoder_can_be_read():
    found = read_source_list("timbre")
    assert {selection.name for selection in found.sources} == {"amsynth", "fluidr3", "zynaddsubfx"}
    assert found.notes.drawn == 10


def test_a_patch_whose_filter_runs_away_is_left_out_and_ends_nothing(tmp_path):
    sources = (Selection("amsynth", RUNS_AWAY), Selection("fluidr3", "fluidr3/071 *"))
    listed = read_source_list("timbre")
    rows = render(SourceList(listed.notes, sources, check=listed.check), tmp_path)
    assert {row["clip"].split("/")[0] for row in rows} == {"fluidr3"}
