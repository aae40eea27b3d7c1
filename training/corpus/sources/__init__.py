"""Where sounds come from: `table` lists the synthesizers that can be rendered and the libraries that can be read.

Each is a file of its own; `patch` says what a synthesizer's file must offer.
"""
