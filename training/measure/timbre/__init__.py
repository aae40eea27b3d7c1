"""How near a decoder comes to sounds, and what its faders hold.

`ear` compares frames, `played` whole notes, `general_midi` renders what is kept apart, `rivals` what is compared,
`space` listens to what the faders reach. `figures` draws all of it, each picture from a module of its own.
"""
