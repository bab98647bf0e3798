"""Who fetched a file, and that he did, is told only to a sender to whom he shows his presence: not to a stranger, not to one who shows him
his own alone, and not to one whom he has blocked since. What ten files were fetched while the sender was away he hears in one
message, once, over a kill."""
from talk import *


def run(t):
    ferry = t.ferry(users=["alice", "bob", "carol", "dave"], conf={"offers.accept_from": "any"})
    bob = t.xmpp(ferry, "bob")
    actors = {name: t.xmpp(ferry, name) for name in ("alice", "carol", "dave")}
    actors["alice"].befriend(bob)
    actors["dave"].befriend(bob)
    bob.presence(type="subscribe", to="carol@localhost")  # he sees carol's, she not his
    actors["carol"].take("presence[@type='subscribe']")
    actors["carol"].presence(type="subscribed", to="bob@localhost")
    bob.take("presence[@type='subscribed']")
    bob.end()
    for x in actors.values():
        x.send_file("bob@localhost", "a.txt", b"1234")
        take_notice(x, "stored")
    for i in range(10):
        actors["alice"].send_file("bob@localhost", f"{i}.txt", b"1234")
        take_notice(actors["alice"], "stored")
    bob = t.xmpp(ferry, "bob")
    links = [bob.take("message/{oob}x").body for _ in range(13)]
    actors["alice"].end()
    eq(bob.iq_set("<block xmlns='urn:xmpp:blocking'><item jid='dave@localhost'/></block>")["type"], "result")
    for url in links:
        eq(t.get(url).body, b"1234")
    t.pump(lambda: ferry.ctl("status").dict["outbox"] == "11", "alice's notices")
    for name in ("carol", "dave"):
        actors[name].expect_nothing()

    for kill in (True, False):
        alice = t.xmpp(ferry, "alice", auto_pong=not kill)
        m = alice.take("message/{ferry}transfer")
        eq([e["state"] for e in m.all("{ferry}transfer")], ["fetched"] * 11)
        ok(m.body.startswith("11 files were fetched by bob@localhost: "), m.body)
        if kill:
            ferry.restart(kill=True)
    alice.expect_nothing()
    t.pump(lambda: ferry.ctl("status").dict["outbox"] == "0", "an empty outbox")
    ferry.restart()
    t.xmpp(ferry, "alice").expect_nothing()
