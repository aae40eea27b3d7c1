"""What the instrument is set to, and what follows from it in time.

The tree of values (`tree`), the values that follow others (`links`), presets, morphs,
the audio clock and the schedule of dated things.
"""
