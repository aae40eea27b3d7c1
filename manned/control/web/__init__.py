"""OSCQuery: a small web server that says what there is, and carries OSC by WebSocket both ways.

`server.WebServer` is what the daemon runs; `tree` makes the JSON, `guard` keeps strange pages out.
"""
