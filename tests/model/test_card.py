"""A decoder's card tells what its file says, and leaves out what it says in another form."""

import pytest

from manned.library import Library
from manned.model.card import LONGEST, card


def test_the_shipped_decoders_tell_what_they_learned_from_and_how_near_they_come():
    atlas = Library().read_decoder("atlas").facts()
    assert (atlas["clips"], atlas["unheard/harmonics_db"], atlas["unheard/bands_db"]) == (3909, 2.388, 4.425)
    spectrum = Library().read_decoder("atlas-spectrum").facts()
    assert (spectrum["clips"], spectrum["pitch_match"]) == (670, 0.987)


@pytest.mark.parametrize("author", [None, 5.0j, [], {}, True, float("nan"), ""])
def test_what_is_no_text_and_no_number_is_left_out(author):
    assert card({"author": author, "corpus": [1], "measured": "x"}) == {}


def test_texts_are_cut():
    assert card({"author": "x" * 1000}) == {"author": "x" * LONGEST}
