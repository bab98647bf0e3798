"""The receiver has accepted a Jingle session and leaves. Before a byte has come Ferry goes on where he stood: the stream that waits
for his answer is taken, the next one is, or the sender's stream hosts are tried; his answer has been given and comes no second time.
In the middle the sender hears that he is gone and is told to send again. Where Ferry may not take it: gone, and no more."""
import os

from talk import *


def run(t):
    ferry = t.ferry(users=["alice", "bob"], conf={"offers.answer_timeout": "20s"})
    alice = t.xmpp(ferry, "alice")
    data = os.urandom(30_000)

    def accepted(to="bob@localhost/desk", method="ibb", **options):
        bob = t.xmpp(ferry, "bob", resource="desk")
        j = alice.jingle(to, "a.bin", data, method=method, **options)
        seen = bob.expect_jingle()
        seen.accepted(j)
        return bob, j, seen

    def leaves(bob):
        mark = ferry.log_mark()
        bob.abort()
        ferry.log_expect("offer taken over .*why=left", since=mark)

    def stored():
        take_notice(alice, "stored")
        bob = t.xmpp(ferry, "bob", resource="other")
        eq(t.get(take_link(bob)[0]).body, data)
        bob.end()
    for to in ("bob@localhost/desk", "BOB@localhost/"):
        bob, j, seen = accepted(to)
        leaves(bob)
        alice.ibb_send(to, j.stream, data)
        j.succeeded()
        stored()
        bob, j, seen = accepted(to)
        opened = alice.ibb_open(to, j.stream, wait=False)
        bob.take("iq/{ibb}open")
        leaves(bob)
        eq(alice.answer(opened, to)["type"], "result")
        alice.ibb_blocks(to, j.stream, data)
        alice.ibb_close(to, j.stream)
        j.succeeded()
        stored()
    to = "bob@localhost/desk"
    px = alice.proxy_address()
    bob, j, seen = accepted(to, "s5b", candidates=candidate(*px, "ours", 1, "proxy"), hash=True)
    leaves(bob)
    el = j.expect("transport-info")
    eq(el.find("{jingle}jingle/content/{js5b}transport/candidate-used")["cid"], "ours")
    wire = t.socks(px[1], px[2], dst_addr(j.stream, alice.jid, to))
    eq(alice.activate(j.stream, to)["type"], "result")
    wire.write(data)
    wire.close()
    j.succeeded()
    stored()
    # he has said that he reaches none: the sender replaces the transport, before he leaves or afterwards; or Ferry does
    for who in ("sender", "before", "ferry"):
        bob, j, seen = accepted(to, "s5b", candidates=candidate(alice.jid, "127.0.0.1", 4000))
        said = seen.transport_info("<candidate-error/>")
        j.expect("transport-info")
        bob.answer(said)
        if who == "before":
            uid = j.say("transport-replace", j.wrap(transport_xml("ibb", "None")), wait=False)
            bob.result(bob.take("iq[@type='set']/{jingle}jingle[@action='transport-replace']"))
            alice.answer(uid, to)
            j.stream = "None"
        leaves(bob)
        if who == "sender":
            j.replace("ibb", "None")
        elif who == "before":
            eq(j.expect("transport-accept").find("{jingle}jingle/content/{jibb}transport")["sid"], "None")
        else:
            el = j.expect("transport-replace")
            j.stream = el.find("{jingle}jingle/content/{jibb}transport")["sid"]
            eq(j.say("transport-accept", j.wrap(transport_xml("ibb", j.stream)))["type"], "result")
        alice.ibb_send(to, j.stream, data)
        j.succeeded()
        stored()
    # the sender has chosen a host of his
    bob = t.xmpp(ferry, "bob", resource="desk")
    j = alice.jingle(to, "a.bin", data, method="s5b")
    bob.expect_jingle().accepted(j, candidates=candidate(bob.jid, "127.0.0.1", 4000, "his"))
    leaves(bob)
    ok(j.expect("transport-info").find("{jingle}jingle/content/{js5b}transport/candidate-error") is not None)
    j.transport_info("<candidate-used cid='his'/>")
    el = j.expect("transport-replace")
    j.stream = el.find("{jingle}jingle/content/{jibb}transport")["sid"]
    eq(j.say("transport-accept", j.wrap(transport_xml("ibb", j.stream)))["type"], "result")
    alice.ibb_send(to, j.stream, data)
    j.succeeded()
    stored()
    # in the middle
    bob, j, seen = accepted()
    alice.ibb_opened(bob, to, j.stream)
    block = alice.ibb_data(to, j.stream, 0, data[:4096])
    bob.take("iq/{ibb}data")
    bob.abort()
    j.ended("gone")
    eq(take_notice(alice, "failed").find("transfer")["why"], "receiver-left")
    expect_error(alice.answer(alice.ibb_data(to, j.stream, 1, data[4096:8192]), to), "item-not-found")
    # the same, with a word of farewell
    bob, j, seen = accepted()
    alice.ibb_opened(bob, to, j.stream)
    block = alice.ibb_data(to, j.stream, 0, data[:4096])
    bob.take("iq/{ibb}data")
    seen.terminate("gone", wait=False)
    j.ended("gone")
    bob.end()
    eq(take_notice(alice, "failed").find("transfer")["why"], "receiver-left")
    # and before a byte has come
    bob, j, seen = accepted()
    opened = alice.ibb_open(to, j.stream, wait=False)
    bob.take("iq/{ibb}open")
    seen.terminate("gone", wait=False)
    bob.end()
    eq(alice.answer(opened, to)["type"], "result")
    alice.ibb_blocks(to, j.stream, data)
    alice.ibb_close(to, j.stream)
    j.succeeded()
    stored()
    # he wanted only the end of it
    bob = t.xmpp(ferry, "bob", resource="desk")
    j = alice.jingle(to, "a.bin", data, file_extra="<range/>")
    seen = bob.expect_jingle()
    seen.accepted(j, file="<range offset='4096'/>")
    bob.abort()
    j.ended("gone")
    # by a stream of their own it may come to its end without him
    bob, j, seen = accepted(to, "s5b", candidates=candidate(alice.jid, "127.0.0.1", 4000))
    said = seen.transport_info("<candidate-used cid='c1'/>")
    j.expect("transport-info")
    bob.answer(said)
    bob.end()
    alice.expect_nothing()
    off = t.ferry(users=["alice", "bob"], conf={"offers.takeover": "off"})
    alice, bob = t.xmpp(off, "alice"), t.xmpp(off, "bob", resource="desk")
    j = alice.jingle(to, "a.bin", data)
    bob.expect_jingle().accepted(j)
    bob.end()
    j.ended("gone")
    alice.expect_nothing()
