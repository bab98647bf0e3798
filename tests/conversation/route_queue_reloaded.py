"""A smaller out_queue that comes with SIGHUP never leaves a sender waiting for a session of before: it goes on once he reads."""
from talk import *


def run(t):
    ferry = t.ferry(users=["alice", "bob"])
    alice = t.xmpp(ferry, "alice")
    bob = t.xmpp(ferry, "bob", rcvbuf=4096)
    ferry.write_conf(**{"limits.out_queue": "16K"})
    ferry.reload()
    bob.paused = True
    for i in range(400):
        alice.message(bob.jid, "x" * 30000)
        ping = alice.send_iq("get", "<ping xmlns='urn:xmpp:ping'/>", to="localhost")
        try:
            t.pump(lambda: alice.have(f"iq[@id='{ping}']"), "the answer to a ping", 1)
        except Failure:
            break  # held: bob's queue is full
    else:
        ok(False, "the sender was never held")
    bob.paused = False
    eq(alice.take("iq", id=ping)["type"], "result")
