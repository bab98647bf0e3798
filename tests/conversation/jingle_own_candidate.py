"""A sender who has no candidate that works reaches Ferry at our proxy, offered as a host of its own: he connects, says so, and sends; nobody
activates anything. The address hash is the one Ferry told, or what clients make of it themselves; his words may come before
Ferry's. Another hash than all of these ends the session."""
import os

from talk import *


def run(t):
    ferry = t.ferry(users=["alice", "bob"])
    alice = t.xmpp(ferry, "alice")
    bob = "bob@localhost/away"
    data = os.urandom(150_000)
    keys = (lambda j, told: told, lambda j, told: dst_addr(j.stream, alice.jid, bob), lambda j, told: dst_addr(j.sid, alice.jid, bob))
    for n, key in enumerate(keys):
        j = alice.jingle(bob, f"{n}.bin", data, method="s5b", hash=True, candidates=candidate(alice.jid, "192.0.2.1", 4000) if n == 1 else "")
        own, told = offered(j)
        eq(told, dst_addr(j.stream, bob, alice.jid))
        wire = t.socks(own["host"], int(own["port"]), key(j, told))
        if n == 1:
            j.transport_info("<candidate-used cid='ferry'/>")
        unreached(j)
        if n != 1:
            j.transport_info("<candidate-used cid='ferry'/>")
        wire.write(data, quiet=True)
        wire.close()
        j.succeeded()
    j = alice.jingle(bob, "x.bin", data, method="s5b")
    offered(j)
    unreached(j)
    expect_error(j.say("transport-info", j.wrap(transport_xml("s5b", j.stream, "<candidate-used cid='other'/>"))), "item-not-found")
    t.socks(own["host"], int(own["port"]), dst_addr("other", alice.jid, bob))
    j.transport_info("<candidate-used cid='ferry'/>")
    j.ended("failed-transport")
    receiver = t.xmpp(ferry, "bob")
    for _ in keys:
        eq(sha256(t.get(take_link(receiver)[0]).body), sha256(data))
    receiver.expect_nothing()


def offered(j):
    transport = j.accepted()
    own = transport.find("candidate")
    eq((own["cid"], own["type"], own["priority"], own["jid"]), ("ferry", "direct", "1", j.to))
    return own, transport["dstaddr"]


def unreached(j):
    el = j.expect("transport-info", limit=40)
    ok(el.find("{jingle}jingle/content/{js5b}transport/candidate-error") is not None, el)
