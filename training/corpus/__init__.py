"""From sounds to a corpus of frames.

`recordings` finds and reads audio, `build` turns it into a folder, `corpus` opens that folder.  `sounds` renders
training sounds from the synthesizers in `sources`, as a list of ``source_lists`` says.
"""
