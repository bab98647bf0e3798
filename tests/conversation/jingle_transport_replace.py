"""No candidate can be reached, or the proxy is not activated: Ferry says so at once, and takes the in-band stream that the sender
offers instead, also one whose id is the word None; the other way round too. Once bytes have come there is no replacing."""
import os

from talk import *


def run(t):
    ferry = t.ferry(users=["alice", "bob"])
    alice = t.xmpp(ferry, "alice")
    bob = "bob@localhost"
    data = os.urandom(30_000)
    for offered in ("", candidate(alice.jid, "192.0.2.1", 4000)):
        j = alice.jingle(bob, "a.bin", data, method="s5b", candidates=offered, hash=True)
        j.accepted()
        el = j.expect("transport-info", limit=40)
        ok(el.find("{jingle}jingle/content/{js5b}transport/candidate-error") is not None, el)
        j.transport_info("<candidate-error/>")
        eq(j.replace("ibb", "None", block=8192)["block-size"], "8192")
        alice.ibb_send(bob, "None", data, block=8192)
        j.succeeded()
    proxy = alice.proxy_address()
    j = alice.jingle(bob, "b.bin", data, method="s5b", candidates=candidate(*proxy, "ours", 1, "proxy"))
    j.accepted()
    ok(j.expect("transport-info").find("{jingle}jingle/content/{js5b}transport/candidate-used") is not None)
    j.transport_info("<proxy-error/>")
    j.replace("ibb", "second")
    alice.ibb_open(bob, "second")
    alice.ibb_blocks(bob, "second", data[:4096])
    expect_error(j.say("transport-replace", j.wrap(transport_xml("ibb", "third"))), "unexpected-request",
                 app="{jingle_errors}out-of-order")
    alice.ibb_blocks(bob, "second", data[4096:], seq=1)
    alice.ibb_close(bob, "second", wait=False)
    j.succeeded()
    j = alice.jingle(bob, "c.bin", data, method="ibb")
    j.accepted()
    j.replace("s5b", "fourth", candidate(*proxy, "ours", 1, "proxy"))
    ok(j.expect("transport-info").find("{jingle}jingle/content/{js5b}transport/candidate-used") is not None)
    wire = t.socks(proxy[1], proxy[2], dst_addr("fourth", alice.jid, bob))
    eq(alice.activate("fourth", bob)["type"], "result")
    wire.write(data)
    wire.close()
    j.succeeded()
    j = alice.jingle(bob, "d.bin", data, method="ibb")
    j.accepted()
    el = j.say("transport-replace", j.wrap(transport_xml("urn:example:carrier-pigeon", "x")))
    eq(el["type"], "result")
    j.expect("transport-reject")
    alice.ibb_send(bob, j.stream, data)
    j.succeeded()
    receiver = t.xmpp(ferry, "bob")
    for _ in range(5):
        eq(t.get(take_link(receiver)[0]).body, data)
    eq(len([f for f in ferry.spool_files() if f.startswith(("data/", "tmp/"))]), 5, "files of attempts that were given up are gone")
