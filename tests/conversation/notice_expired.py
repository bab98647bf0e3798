"""The sender hears once that a file expired unread, also over a restart; nothing of one that was read, and nothing of one that somebody
removed. Of several that expired while he was away he hears in one message."""
from talk import *

DAY = 86400


def run(t):
    ferry = t.ferry(users=["alice", "bob", "carol"], conf={"storage.expire_after": "10d"})

    alice, carol = t.xmpp(ferry, "alice"), t.xmpp(ferry, "carol")

    def store(sender, name):
        sender.send_file("bob@localhost", name, b"1234")
        return take_notice(sender, "stored").find("transfer")["id"]

    read, removed = store(alice, "read"), store(alice, "removed")
    store(carol, "single")
    files = {store(alice, f"{i}.txt") for i in range(10)}
    eq(t.get(ferry.url(f"/f/{read}/read")).status, 200)
    ferry.ctl("rm", removed)
    alice.end()
    carol.end()
    ferry.stop()
    ferry.env["FERRYD_TEST_WALL_OFFSET"] = str(11 * DAY)
    ferry.start()
    t.pump(lambda: ferry.ctl("status").dict["files"] == "0", "their expiry")

    def expired(x):
        m = x.take("message/{ferry}transfer", from_="upload.localhost")
        eq({e["state"] for e in m.all("{ferry}transfer")}, {"expired"})
        return m

    alice = t.xmpp(ferry, "alice", auto_pong=False)
    eq({e["id"] for e in expired(alice).all("{ferry}transfer")}, files)
    ferry.restart(kill=True)  # before it was certain that it came
    alice, carol = t.xmpp(ferry, "alice"), t.xmpp(ferry, "carol")
    m = expired(alice)
    eq({e["id"] for e in m.all("{ferry}transfer")}, files)
    ok(m.body.startswith("10 files expired before bob@localhost read them"), m.body)
    ok(expired(carol).body.startswith('"single" (4 bytes) expired before bob@localhost read it'), "carol's")
    t.pump(lambda: ferry.ctl("status").dict["outbox"] == "0", "an empty outbox")
    ferry.restart()
    for name in ("alice", "carol"):
        t.xmpp(ferry, name).expect_nothing()
