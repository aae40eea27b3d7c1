"""Where blocks go: a device by PortAudio, or a clock without one; and into a file.

Nothing here computes sound. PortAudio is loaded only when a device is wanted.
"""
