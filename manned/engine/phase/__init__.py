"""Ways to give a magnitude frame its phases, one file per method.

Each leaves ``stream.phase`` (turns at the frame's centre) and ``stream.frequency``
(bins) for all bins of the present frame.
"""
