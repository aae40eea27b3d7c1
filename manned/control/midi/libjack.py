"""JACK's library with the types of its functions, for those who hand it compiled callbacks.

An OSError where it is not installed.  The functions can be called by compiled code too, by their names.
"""

from __future__ import annotations

import ctypes
import ctypes.util

AUDIO, MIDI = b"32 bit float mono audio", b"8 bit raw midi"
IS_INPUT, IS_OUTPUT, NO_START_SERVER = 1, 2, 1

library = ctypes.CDLL(ctypes.util.find_library("jack") or "libjack.so.0", mode=ctypes.RTLD_GLOBAL)

_handle, _text = ctypes.c_void_p, ctypes.c_char_p
for _name, _result, _arguments in (
    ("jack_client_open", _handle, [_text, ctypes.c_int, _handle]),
    ("jack_get_client_name", _text, [_handle]),
    ("jack_get_sample_rate", ctypes.c_uint32, [_handle]),
    ("jack_port_register", _handle, [_handle, _text, _text, ctypes.c_ulong, ctypes.c_ulong]),
    ("jack_port_unregister", ctypes.c_int, [_handle, _handle]),
    ("jack_set_process_callback", ctypes.c_int, [_handle, _handle, _handle]),
    ("jack_activate", ctypes.c_int, [_handle]),
    ("jack_client_close", ctypes.c_int, [_handle]),
):
    _function = getattr(library, _name)
    _function.restype, _function.argtypes = _result, _arguments
