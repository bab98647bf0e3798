"""Whom a user has blocked since: his files' links, reminders and offers wait, nothing of them is told, and a transfer under way ends. They
stay in the user's own list. When he unblocks him he hears of them at once, each once. Other people's files come as ever."""
from talk import *

DAY = 86400
BLOCK = "<{} xmlns='urn:xmpp:blocking'><item jid='alice@localhost'/></{}>"


def block(x, word="block"):
    eq(x.iq_set(BLOCK.format(word, word))["type"], "result")


def run(t):
    ferry = t.ferry(users=["alice", "bob", "carol"], conf={"storage.expire_after": "10d", "offers.accept_from": "any"})
    alice, carol = t.xmpp(ferry, "alice"), t.xmpp(ferry, "carol")

    def send(sender, name, size=5):
        data = (name.encode() * size)[:max(size, len(name))]
        sender.send_file("bob@localhost", name, data, method="ibb", block=30000)
        take_notice(sender, "stored")

    # links
    send(alice, "seen")
    bob = t.xmpp(ferry, "bob")
    take_link(bob, "alice@localhost")
    bob.presence(priority=-1)  # no messages for a while
    bob.sync()
    send(alice, "one")
    send(alice, "two")
    send(carol, "other")
    block(bob)
    bob.presence(priority=0)
    ok("other" in take_link(bob, "carol@localhost")[0], "carol's")
    bob.expect_nothing()
    bob.message("upload.localhost", "list")
    listed = bob.take("message", from_="upload.localhost").body
    ok("one" in listed and "two" in listed, listed)
    bob.end()
    bob = t.xmpp(ferry, "bob")
    bob.expect_nothing()
    block(bob, "unblock")
    eq(sorted(take_link(bob, "alice@localhost")[0].rsplit("/", 1)[1] for _ in range(2)), ["one", "two"])
    block(bob)
    block(bob, "unblock")
    bob.expect_nothing()

    # transfers
    ferry.ctl("user", "set", "bob@localhost", "delivery", "transfer")
    bob.end()
    send(alice, "by-si", 300_000)
    send(alice, "next")
    bob = t.xmpp(ferry, "bob")
    seen = bob.expect_offer()
    seen.accept("ibb")
    bob.result(bob.take("iq[@type='set']/{ibb}open"))
    bob.take("iq/{ibb}data")
    block(bob)
    bob.result(bob.take("iq[@type='set']/{ibb}close", from_=seen.sender))
    bob.queue[:] = [e for e in bob.queue if e.find("{ibb}data") is None]
    bob.expect_nothing()
    bob.end()
    bob = t.xmpp(ferry, "bob", able=("jft5", "jibb"))
    bob.expect_nothing()
    block(bob, "unblock")
    seen = bob.expect_session()
    eq(seen.name, "by-si")
    block(bob)
    seen.ended("timeout")
    bob.expect_nothing()
    block(bob, "unblock")
    for name in ("by-si", "next"):
        seen = bob.expect_session()
        eq(seen.name, name)
        seen.receive()
    bob.expect_nothing()

    send(alice, "declined")
    seen = bob.expect_session()
    bob.write(f"<iq type='set' id='d1' to='{seen.sender}'><jingle xmlns='{NS['jingle']}' action='session-terminate' sid='{seen.sid}'>"
              f"<reason><decline/></reason></jingle></iq><iq type='set' id='b1'>{BLOCK.format('block', 'block')}</iq>")
    eq((bob.answer("d1")["type"], bob.answer("b1")["type"]), ("result", "result"))
    bob.expect_nothing()
    block(bob, "unblock")
    while not bob.have("message/{oob}x"):  # the no may have come too late to be heard: then he is asked again
        t.pump(lambda: bob.have("message/{oob}x") or bob.have("iq/{jingle}jingle"), "the link")
        if bob.have("iq/{jingle}jingle"):
            bob.expect_session().terminate("decline")
    take_link(bob, "alice@localhost")
    bob.end()

    # between the link and the transfer of one who wants both
    ferry.ctl("user", "set", "bob@localhost", "delivery", "both")
    send(alice, "both")
    bob = t.xmpp(ferry, "bob", presence=False)
    bob.auto_pong = False
    bob.able("jft5", "jibb")
    bob.take("message/{oob}x")
    pings = bob.take("iq[@type='get']/{ping}ping")
    block(bob)
    bob.result(pings)
    bob.auto_pong = True
    for _ in range(4):
        ferry.ctl("status")
        bob.expect_nothing()
    block(bob, "unblock")
    seen = bob.expect_session()
    seen.receive()
    bob.expect_nothing()
    ferry.ctl("user", "set", "bob@localhost", "delivery", "link")

    # reminders
    block(bob)
    bob.end()
    alice.end()
    ferry.stop()
    ferry.env["FERRYD_TEST_WALL_OFFSET"] = str(int(9.2 * DAY))
    ferry.start()
    bob = t.xmpp(ferry, "bob")
    m = bob.expect("message", from_="upload.localhost")
    ok('"other"' in m.body, m.body)
    bob.expect_nothing()
    block(bob, "unblock")
    seen = {bob.expect("message", from_="upload.localhost").body.split('"')[1] for _ in range(4)}
    eq(seen, {"seen", "one", "two", "declined"})
    bob.expect_nothing()
