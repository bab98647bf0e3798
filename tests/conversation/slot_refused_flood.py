"""Hundreds of asks that no quota allows, each of which looks into the index, cost nobody else his slot; an asker who is gone by then harms nothing."""
from talk import *


def run(t):
    ferry = t.ferry(users=["alice", "bob"], conf={"storage.user_quota": "10K"})
    bob = t.xmpp(ferry, "bob")
    for gone in (False, True):
        alice = t.xmpp(ferry, "alice")
        ids = [alice.id() for _ in range(400)]
        alice.write("".join(f"<iq type='get' id='{id}' to='upload.localhost'>{slot_request('big.bin', 20_000)}</iq>" for id in ids).encode())
        if gone:
            alice.abort()
        put, get, _ = bob.slot("small.txt", 5)
        eq(t.put(put, b"bytes").status, 201)
        eq(t.get(get).body, b"bytes")
        if not gone:
            for id in ids:
                el = alice.take("iq", id=id)
                expect_error(el, "resource-constraint", type="wait")
                ok(el.find("error/{upload}retry"), "a stamp in each")
            alice.expect_nothing()
            alice.close()
    bob.sync()
