"""Write a small MIDI file: the opening of Beethoven's "Ode to Joy" (1824), with an expression swell.

python examples/make_tune.py tune.mid
"""

import sys

from mido import Message, MetaMessage, MidiFile, MidiTrack, bpm2tempo

BEAT = 480
MELODY = "E4 E4 F4 G4 G4 F4 E4 D4 C4 C4 D4 E4 E4. D4' D4:".split()
LENGTHS = {".": 1.5, "'": 0.5, ":": 2.0}
STEPS = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}


def tune() -> MidiFile:
    """The melody as a MIDI file of one track at 108 beats a minute."""
    track = MidiTrack([MetaMessage("set_tempo", tempo=bpm2tempo(108)), Message("control_change", control=11, value=90)])
    for index, word in enumerate(MELODY):
        note = 12 * (int(word[1]) + 1) + STEPS[word[0]]
        ticks = int(BEAT * LENGTHS.get(word[2:], 1.0))
        track.append(Message("control_change", control=11, value=90 + 2 * index))
        track.append(Message("note_on", note=note, velocity=100))
        track.append(Message("note_off", note=note, time=ticks))
    return MidiFile(type=0, ticks_per_beat=BEAT, tracks=[track])


if __name__ == "__main__":
    tune().save(sys.argv[1])
