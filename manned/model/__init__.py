"""What a model is: its topology, its frames, its file and its forward pass.

The shared ground floor: training builds networks from it, the engine plays it.
"""
