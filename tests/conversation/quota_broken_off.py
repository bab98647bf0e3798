"""A PUT that broke off does not stand in its user's way: when a client asks for a new slot instead, and his quota is full of what broken
uploads kept, these go, the oldest first and no more than needed; what somebody is sending stays."""
from talk import *
from talk.slots import Slot, drip

SIZE = 40 << 10


def run(t):
    ferry = t.ferry(users=["alice"], conf={"storage.user_quota": "100K"})
    alice = t.xmpp(ferry, "alice")

    def slot():
        s = Slot.__new__(Slot)
        s.put, s.get, _ = alice.slot("a.bin", SIZE)
        s.t, s.put_path, s.get_path = t, "/u/" + s.put.split("/u/")[1], "/f/" + s.get.split("/f/")[1]
        return s

    def half():
        s = slot()
        h = t.http(ferry).request("PUT", s.put_path, {"Content-Length": SIZE, "Expect": "100-continue"})
        eq(h.response(interim=True).status, 100)
        h.write(b"x" * (SIZE // 2))
        return s, h

    broken = []
    for _ in range(2):
        s, h = half()
        mark = ferry.log_mark()
        h.shut()
        ferry.log_expect("transfer kept", since=mark)
        broken.append(s)
    s = slot()
    eq(t.put(s.put, b"y" * SIZE).status, 201, "a new slot for the same file")
    left = [b for b in broken if int(t.head(b.put)["Upload-Offset"]) > 0]
    eq(len(left), 1, "one went, and no more than needed")
    eq(ferry.ctl("user", "quota", "alice@localhost").dict["used"], str(2 * SIZE))

    sending, h = half()  # the other one goes for it
    eq(int(t.head(left[0].put)["Upload-Offset"]), 0)
    eq(alice.slot_answer("a.bin", SIZE).error, "resource-constraint")
    h.write(b"x" * (SIZE // 2))
    eq(h.response().status, 201, "who is sending stays")
    drip(t, [], lambda: not [f for f in ferry.spool_files() if "tmp/" in f], "what was kept to go")
    eq(ferry.ctl("fsck").code, 0)
