"""Files are found by the names that they have, whatever their suffixes look like and whoever wrote them."""

import os
import shutil

import pytest
from small_decoder import small_decoder_file

from manned.errors import TuningError
from manned.library import SHIPPED, Library
from manned.model.decoder_file import SUFFIX
from manned.model.encoder_file import encoder_path

FIVE = "! X.SCL\r\n!\r\nFive equal\r\n 5\r\n 240.\r\n 480.\r\n 720.\r\n 960.\r\n 2/1\r\n"
WHITE = "1\n0\n127\n60\n69\n440.0\n1\n0\n"


def test_suffixes_count_in_upper_and_lower_case(tmp_path):
    (tmp_path / "FIVE.SCL").write_text(FIVE)
    (tmp_path / "White.Kbm").write_text(WHITE)
    small_decoder_file(tmp_path).rename(tmp_path / "small.SafeTensors")
    library = Library((tmp_path,), (tmp_path,))
    assert "FIVE" in library.scales() and "White" in library.keyboards() and "small" in library.decoders()
    for name in ("FIVE", "FIVE.SCL", str(tmp_path / "FIVE.SCL")):
        assert library.read_scale(name).cents == pytest.approx((240, 480, 720, 960, 1200))
    assert library.read_keyboard("White").degrees == (0,)
    assert library.read_decoder("small").latent_count == 2


def test_an_encoder_is_found_beside_its_decoder_in_any_case_and_is_no_decoder(tmp_path):
    shipped = SHIPPED / f"atlas{SUFFIX}"
    shutil.copy(shipped, tmp_path / "MINE.SAFETENSORS")
    shutil.copy(encoder_path(shipped), tmp_path / "MINE.Encoder.SAFETENSORS")
    library = Library((tmp_path,))
    assert "MINE" in library.decoders() and not any("ncoder" in name for name in library.decoders())
    decoder, encoder = library.read_encoder("MINE")
    assert encoder is not None and decoder.latent_count == 16


def test_names_that_are_no_utf8_are_listed_and_told(tmp_path):
    (tmp_path / "a.scl").write_text(FIVE)
    os.rename(tmp_path / "a.scl", os.path.join(os.fsencode(tmp_path), b"\xfb.scl"))
    library = Library((), (tmp_path,))
    assert library.read_scale("\udcfb").cents[-1] == pytest.approx(1200) and "\udcfb" in library.scales()
    with pytest.raises(TuningError, match="no such .scl file"):
        library.read_scale("nothing")


def test_a_remark_behind_spaces_is_a_remark(tmp_path):
    (tmp_path / "a.scl").write_text("! x\n!\nd\n 2\n  ! indented remark\n 700.0\n\t! another\n 2/1\n")
    assert Library((), (tmp_path,)).read_scale("a").cents == pytest.approx((700.0, 1200.0))
