"""The corpus of the kind ``harmonic``.

`notes` makes frames of a played note, `corpus` the folder of them all, `track` hears pitch where no note is known.
"""
