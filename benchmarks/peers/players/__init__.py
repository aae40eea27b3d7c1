"""Programs of our own that play what others play from Python: a network that is asked for one frame after the other."""
