"""OSC in: a datagram entry that trusts nobody, the tree of addresses and the UDP and TCP server.

`server.OscServer` is what the daemon runs; `client.send` is the small client of the command line.
"""
