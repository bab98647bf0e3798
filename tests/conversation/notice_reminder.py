"""Who has not fetched a file is reminded of it once, a day before it expires, with its link; not of one that he has fetched, nor of one
whose own message still waits for him; muting does not silence it."""
from talk import *

DAY = 86400


def run(t):
    ferry = t.ferry(users=["alice", "bob", "carol"], conf={"storage.expire_after": "10d"})

    def later(days):
        ferry.stop()
        ferry.env["FERRYD_TEST_WALL_OFFSET"] = str(int(days * DAY))
        ferry.start()
        return t.xmpp(ferry, "bob")

    def store(name, to):
        slot = ferry.ctl("slot", name, 4, "--from", "alice@localhost", "--to", f"{to}@localhost").dict
        eq(t.put(slot["put"], b"1234").status, 201)
        return slot["get"]

    bob = t.xmpp(ferry, "bob")
    read, unread = store("read.txt", "bob"), store("unread.txt", "bob")
    store("waits.txt", "carol")
    links = {take_link(bob, "alice@localhost")[0] for _ in range(2)}
    eq(links, {read, unread})
    eq(t.get(read).status, 200)
    ferry.ctl("user", "set", "bob@localhost", "mute", "on")
    bob.end()

    bob = later(8.9)
    bob.expect_nothing()
    bob.end()
    bob = later(9.1)
    m = bob.expect("message", skip=("presence",), from_="upload.localhost", type="chat")
    eq(m.find("{ferry}transfer")["state"], "expiring")
    eq(m.find("{ferry}transfer")["id"], unread.split("/f/")[1].split("/")[0])
    ok(m.body.startswith('"unread.txt" (4 bytes, from alice@localhost) expires on 20'), m.body)
    ok(m.body.endswith("\n" + unread), m.body)
    bob.expect_nothing()
    bob.end()
    bob = later(9.2)
    bob.expect_nothing()
    carol = t.xmpp(ferry, "carol")
    take_link(carol, "alice@localhost")
    carol.expect_nothing()
    eq(t.get(unread).body, b"1234")
