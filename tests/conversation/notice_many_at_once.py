"""Ten stored files that wait for their sender are told him in one message, with an element for each; the receiver's links stay
messages of their own; once it is certain that it came, none of them is told again."""
from talk import *


def run(t):
    ferry = t.ferry(users=["alice", "bob"])
    alice = t.xmpp(ferry, "alice", auto_pong=False)
    for i in range(10):
        alice.send_file("bob@localhost", f"{i}.txt", b"1234", method="ibb")
    alice.abort()  # none of the notices is certain to have come
    ids = {o["id"] for o in ferry.ctl("ls", "--json").objects}
    eq(len(ids), 10)

    alice = t.xmpp(ferry, "alice")
    m = alice.expect("message", skip=("presence",), type="chat")
    eq({e["id"] for e in m.all("{ferry}transfer")}, ids)
    eq({e["state"] for e in m.all("{ferry}transfer")}, {"stored"})
    ok(m.body.startswith("10 files are stored for bob@localhost"), m.body)
    alice.expect_nothing()
    alice.end()
    alice = t.xmpp(ferry, "alice")
    alice.expect_nothing()

    bob = t.xmpp(ferry, "bob")
    for _ in range(10):
        take_link(bob, "alice@localhost")
    bob.expect_nothing()
    eq(ferry.ctl("status").dict["outbox"], "0")
