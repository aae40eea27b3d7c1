"""`make test-arm`: the program on the processor of a Raspberry Pi 4, emulated, beside the program on this machine."""
