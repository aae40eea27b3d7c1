"""Where blocks go: to a device by a back end, or to a clock without one; and into a file.

`backend` says what a back end is, and `backends` lists them; nothing here computes sound.
"""
