"""A user whose files are being offered to him says that he wants links from now on: the offer that he is looking at stays, those behind it
come as links."""
from talk import *


def run(t):
    ferry = t.ferry(users=["alice", "bob"], conf={"offers.delivery": "transfer"})
    for name in ("a.txt", "b.txt", "c.txt"):
        ferry.ctl("send", "--from", "alice@localhost", t.write(name, name.encode()), "bob@localhost")
    bob = t.xmpp(ferry, "bob")
    seen = bob.expect_offer()
    bob.message("upload.localhost", "deliver link")
    bob.take("message", from_="upload.localhost", body="Files reach you: as a link.")
    seen.accept("ibb")
    eq(seen.receive_ibb(), seen.name.encode())
    names = {take_link(bob, "alice@localhost")[0].rsplit("/", 1)[1] for _ in range(2)}
    eq(names | {seen.name}, {"a.txt", "b.txt", "c.txt"})
    t.pump(lambda: ferry.ctl("status").dict["outbox"] == "0", "an empty outbox")
    bob.expect_nothing()
