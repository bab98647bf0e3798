"""A flood of stanzas that storage must answer is read no faster than storage answers: memory stays bounded, the session lives."""
import time

from talk import *


def run(t):
    ferry = t.ferry(users=["alice", "bob"], mode="plain")
    alice = t.xmpp(ferry, "alice", tls=None, auth="iq-password")
    alice.sync()
    before = ferry.rss_kb()
    held = ferry.hold_index()
    one = f"<message type='chat' to='bob@localhost'><body>{'x' * 5000}</body></message>".encode()
    flood, sent, end = one * 8000, 0, time.monotonic() + 2.5
    while time.monotonic() < end and sent < len(flood):
        try:
            sent += alice.sock.send(flood[sent:sent + 65536])
        except BlockingIOError:
            t.turn(0.1)
    grown = ferry.rss_kb() - before
    held.close()
    ok(grown < 12000, f"memory grew by {grown} kB while {sent} bytes were sent")
    alice.write(flood[sent:-(-sent // len(one)) * len(one)])
    alice.sync()
