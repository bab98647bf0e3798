"""He goes out of sight and blocks the sender while one file is offered to him and another, whose link he has and whose row stands in the
same place of the table, waits behind it: both end, each once, and come again when he is back and lets the sender speak."""
from talk import *

BLOCK = f"<{{}} xmlns='{NS['blocking']}'><item jid='alice@localhost'/></{{}}>"


def run(t):
    ferry = t.ferry(users=["alice", "bob"])
    ferry.ctl("user", "set", "bob@localhost", "delivery", "both")
    bob = t.xmpp(ferry, "bob", auto_pong=False)

    def send(name):
        ferry.ctl("send", "--from", "alice@localhost", t.write(name, name.encode()), "bob@localhost")

    def offer():
        el = bob.take("iq/{si}si")
        return el.find("{si}si/file")["name"]

    send("a.txt")
    take_link(bob, "alice@localhost")
    ping = bob.take("iq/{ping}ping")
    db = ferry.index()
    db.execute("UPDATE sqlite_sequence SET seq = seq + 255 WHERE name = 'outbox'")
    db.close()
    ferry.ctl("user", "set", "bob@localhost", "delivery", "transfer")
    send("b.txt")
    eq(offer(), "b.txt")
    bob.auto_pong = True
    bob.result(ping)
    bob.sync()
    ferry.ctl("user", "set", "bob@localhost", "takeover", "on")  # behind the word that he has the link
    bob.presence(type="unavailable")
    eq(bob.iq_set(BLOCK.format("block", "block"))["type"], "result")
    bob.presence()
    bob.sync()
    bob.expect_nothing()
    eq(bob.iq_set(BLOCK.format("unblock", "unblock"))["type"], "result")
    names = []
    for _ in range(2):
        el = bob.take("iq/{si}si")
        names.append(el.find("{si}si/file")["name"])
        bob.send_error(el, "forbidden")
    eq(sorted(names), ["a.txt", "b.txt"])
    ok(ferry.alive(), "it died")
