"""How near a decoder comes to sounds, and what its faders hold: `ear`, `rivals`, `space`."""
