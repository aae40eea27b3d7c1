#!/bin/sh
# A few seconds of hello in OSC with oscsend (Debian: apt-get install liblo-tools).
# Start `manned` first. Usage: examples/play.sh [host] [port]
host=${1:-127.0.0.1}
port=${2:-57130}
send() { oscsend "$host" "$port" "$@"; }

# A drone on A, and a slow walk through the first two latents.
send /glide f 0.5
send /chroma s A
send /octave i 3
send /gate i 1
for position in "0.1 0.9" "0.3 0.7" "0.6 0.8" "0.9 0.4" "0.5 0.1"; do
    # shellcheck disable=SC2086
    send /xy ff $position
    sleep 0.5
done
send /gate i 0

# Four notes with velocities.
for note in 57 60 64 69; do
    send /mnote ff $note 100
    sleep 0.3
    send /mnote/rel f $note
done
