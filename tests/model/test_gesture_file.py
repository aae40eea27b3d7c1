"""The gesture file: what is written is read, and what is damaged is told in one sentence."""

import json
import os
from dataclasses import replace

import numpy as np
import pytest
import safetensors.numpy
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from some_gesture import some_gesture

from manned.errors import GestureError
from manned.library import Library
from manned.model.gesture_file import MAX_FRAMES, keep_gesture, read_gesture, write_gesture
from manned.model.tensors import write_tensors

METADATA = {
    "format": 1, "model": "small", "rate_hz": 172.265625, "note": 60.0, "loop": [0.4, 0.9], "crossfade_s": 0.2,
    "hold": 0.5, "info": {},
}  # fmt: skip


def stored(path, entry="manned-gesture", tensors=None, **metadata):
    """A file of the values of `some_gesture`, but for what is said otherwise."""
    some = some_gesture()
    values = {"latents": some.latents.astype(np.float16), "level": some.level, "pitch": some.pitch} | (tensors or {})
    values = {name: value for name, value in values.items() if value is not None}
    return write_tensors(path, values, entry, METADATA | metadata)


def refusal(path):
    with pytest.raises(GestureError) as caught:
        read_gesture(path)
    assert "\n" not in str(caught.value) and str(path) in str(caught.value)
    return str(caught.value)


def test_a_gesture_comes_back_as_it_was(tmp_path):
    some = some_gesture("violin")
    found = read_gesture(write_gesture(some, tmp_path / "violin.gesture"))
    for name in ("latents", "level", "pitch"):
        np.testing.assert_array_equal(getattr(found, name), getattr(some, name))
        assert getattr(found, name).dtype == np.float32
    for name in ("name", "model", "rate_hz", "note", "loop", "crossfade_s", "hold", "info"):
        assert getattr(found, name) == getattr(some, name)


def test_latents_take_two_bytes_each(tmp_path):
    some = some_gesture(frames=MAX_FRAMES, latents=64)
    size = os.path.getsize(write_gesture(some, tmp_path / "long.gesture"))
    assert size < MAX_FRAMES * (64 * 2 + 8) + 1000
    assert read_gesture(tmp_path / "long.gesture").latents.shape == (MAX_FRAMES, 64)


ONES = np.ones(200, np.float32)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"entry": "manned"}, "not a gesture"),
        ({"format": 2}, "format 2, this version reads 1"),
        ({"tensors": {"pitch": None}}, "tensor pitch is missing"),
        ({"tensors": {"level": ONES[:1]}}, "level has the shape (1,), allowed are 2–8192 frames"),
        ({"tensors": {"level": np.ones((200, 2), np.float32)}}, "level has the shape (200, 2)"),
        ({"tensors": {"level": np.ones(MAX_FRAMES + 1, np.float32)}}, "level has the shape (8193,)"),
        ({"tensors": {"latents": np.ones((200, 65), np.float16)}}, "allowed are 200 frames of 1–64"),
        ({"tensors": {"latents": np.ones((199, 3), np.float16)}}, "latents have the shape (199, 3)"),
        ({"tensors": {"pitch": ONES[:-1]}}, "pitch has the shape (199,), allowed is (200,)"),
        ({"tensors": {"pitch": np.ones(200)}}, "pitch is float64, allowed are float16 and float32"),
        ({"tensors": {"pitch": np.nan * ONES}}, "pitch holds NaN"),
        ({"tensors": {"latents": np.full((200, 3), 1.5, np.float16)}}, "latents holds 1.5, allowed are 0 to 1"),
        ({"tensors": {"level": 0.5 * ONES}}, "its greatest level is 0.5, allowed is 1"),
        ({"tensors": {"level": 2.0 * ONES}}, "level holds 2"),
        ({"tensors": {"pitch": 500.0 * ONES}}, "pitch holds 500, allowed are -128 to 128"),
        ({"rate_hz": 0.0}, "rate_hz holds 0, allowed are 1 to 1000"),
        ({"rate_hz": float("nan")}, "rate_hz holds nan"),
        ({"note": 200}, "note holds 200, allowed are 0 to 127"),
        ({"loop": [0.9, 0.4]}, "its loop goes from 0.9 to 0.4 s, allowed are 0 to 1.155 s"),
        ({"loop": [0.4, 99.0]}, "its loop goes from 0.4 to 99 s"),
        ({"loop": [0.4]}, "metadata cannot be read"),
        ({"loop": None}, "metadata cannot be read"),
        ({"crossfade_s": 0.45}, "crossfade_s holds 0.45, allowed are 0 to 0.4"),
        ({"hold": 2.0}, "hold holds 2, allowed are 0 to 1.155"),
        ({"hold": "late"}, "metadata cannot be read"),
        ({"info": 3}, "metadata cannot be read"),
    ],
)  # fmt: skip
def test_what_no_gesture_can_hold_is_told(tmp_path, changes, words):
    assert words in refusal(stored(tmp_path / "a.gesture", **changes))


def test_what_is_missing_or_no_such_file_or_too_large_is_told(tmp_path):
    assert "no such file" in refusal(tmp_path / "none.gesture")
    (tmp_path / "text.gesture").write_text("a gesture")
    assert "cannot be read as safetensors" in refusal(tmp_path / "text.gesture")
    with open(tmp_path / "large.gesture", "wb") as file:
        file.truncate(1 << 30)
    assert "1073741824 bytes, allowed are 4194304" in refusal(tmp_path / "large.gesture")
    safetensors.numpy.save_file({"level": ONES}, tmp_path / "bare.gesture")
    assert "not a gesture" in refusal(tmp_path / "bare.gesture")
    safetensors.numpy.save_file({"level": ONES}, tmp_path / "bad.gesture", metadata={"manned-gesture": "{"})
    assert "tensor latents is missing" in refusal(tmp_path / "bad.gesture")


@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.data())
def test_whatever_a_file_holds_it_is_read_or_refused_in_one_sentence(tmp_path, data):
    content = bytearray(write_gesture(some_gesture(), tmp_path / "whole.gesture").read_bytes())
    for _ in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(0, 700))] = data.draw(st.integers(0, 255))
    content = content[: data.draw(st.integers(0, len(content)) | st.just(len(content)))]
    (tmp_path / "hurt.gesture").write_bytes(content)
    try:
        read_gesture(tmp_path / "hurt.gesture")
    except GestureError as error:
        assert "\n" not in str(error)


def test_one_that_is_kept_again_leaves_the_former_beside_it(tmp_path):
    folder = tmp_path / "gestures"
    keep_gesture(some_gesture("bell"), folder)
    keep_gesture(replace(some_gesture("bell"), note=61.0), folder)
    assert read_gesture(folder / "bell.gesture").note == 61.0
    assert sorted(os.listdir(folder)) == ["bell.gesture", "bell.gesture~"]


@pytest.mark.parametrize("name", ["", "../bell", "a/b", ".bell", "x" * 49])
def test_a_name_that_no_file_should_have_is_told(tmp_path, name):
    with pytest.raises(GestureError, match="no name, allowed are 1–48 letters, digits, spaces, - and _"):
        keep_gesture(some_gesture(name), tmp_path)


def test_a_folder_that_is_none_is_told(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(GestureError, match="cannot be written"):
        keep_gesture(some_gesture(), tmp_path / "file" / "gestures")
    with pytest.raises(GestureError, match="cannot be written"):
        write_gesture(some_gesture(), tmp_path / "file" / "some.gesture")


def test_the_library_finds_gestures_by_name_and_those_of_the_first_folder_first(tmp_path):
    for folder, names in (("one", ("b", "a")), ("two", ("c", "a"))):
        for name in names:
            keep_gesture(replace(some_gesture(name), model=folder), tmp_path / folder)
    library = Library(gesture_folders=(tmp_path / "one", tmp_path / "none", tmp_path / "two"))
    assert library.gestures()[:3] == ["a", "b", "c"]
    assert library.read_gesture("a").model == "one" and library.read_gesture("c").model == "two"
    assert library.read_gesture(str(tmp_path / "two" / "a.gesture")).model == "two"
    with pytest.raises(GestureError, match="gesture 'd': no such gesture in .*one"):
        library.read_gesture("d")


def test_metadata_that_is_no_json_is_told(tmp_path):
    some = some_gesture()
    tensors = {"latents": some.latents, "level": some.level, "pitch": some.pitch}
    for text in ("{", "3", json.dumps({"format": 1}), "[" * 100_000):
        safetensors.numpy.save_file(tensors, tmp_path / "a.gesture", metadata={"manned-gesture": text})
        assert "metadata cannot be read" in refusal(tmp_path / "a.gesture")
