"""Row 18: who asks without end and reads no answer is read no further, and ended with resource-constraint after `stall`; others
are served meanwhile."""
from talk import *


def run(t):
    ferry = t.ferry(users=["alice", "bob"], conf={"limits.stall": "1s", "limits.idle_ping": "60s"}, mode="plain")
    bob = t.xmpp(ferry, "bob")
    alice = t.xmpp(ferry, "alice", rcvbuf=4096)
    before = ferry.rss_kb()
    alice.paused = True
    ask = "".join(f"<iq type='get' id='{'x' * 1000}{i}' to='localhost'><query xmlns='http://jabber.org/protocol/disco#info'/></iq>"
                  for i in range(50))
    for _ in range(200):
        try:
            if not alice.write(ask, limit=5, quiet=True):
                break  # she was cut off
        except Failure:
            break
        bob.sync()
    ferry.log_expect(r"resource-constraint")
    bob.sync()
    ok(ferry.rss_kb() - before < 8192, f"memory grew by {ferry.rss_kb() - before} kB")
