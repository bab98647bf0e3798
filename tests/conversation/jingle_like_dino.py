"""A sender as Dino is: no checksum, direct stream hosts and our proxy, three seconds of patience with who has connected to it, and
both sides' word about the hosts of the other: the one of higher priority, which is never Ferry's own, counts. In band when
nothing else is left; and one who gets no further ends the session, which leaves nothing behind."""
import os

from talk import *

PATIENCE = 3


def run(t):
    ferry = t.ferry(users=["alice", "bob"])
    alice = t.xmpp(ferry, "alice")
    bob, data = "bob@localhost/dino.1", os.urandom(200_000)
    host, px = t.streamhost(), alice.proxy_address()

    def begin(*hosts):
        j = alice.jingle(bob, "d.bin", data, method="s5b", candidates="".join(hosts))
        return j, j.accepted().find("candidate")
    direct = candidate(alice.jid, host.host, host.port, "direct", 8257536)
    # he reaches Ferry's host, Ferry reaches his: his counts
    j, own = begin(direct)
    mine = t.socks(own["host"], int(own["port"]), dst_addr(j.stream, bob, alice.jid))
    j.transport_info("<candidate-used cid='ferry'/>")
    wire = host.accept()
    wire.serve(dst_addr(j.stream, alice.jid, bob))
    eq(j.expect("transport-info", limit=PATIENCE).find("{jingle}jingle/content/{js5b}transport/candidate-used")["cid"], "direct")
    wire.write(data, quiet=True)
    wire.close()
    mine.close()
    j.succeeded()
    # our proxy is among his: no word of a host of Ferry's own, and no dialling
    j, own = begin(direct, candidate(*px, cid="proxy", priority=655360, kind="proxy"))
    eq(own, None)
    eq(j.expect("transport-info", limit=PATIENCE).find("{jingle}jingle/content/{js5b}transport/candidate-used")["cid"], "proxy")
    j.transport_info("<candidate-error/>")
    wire = t.socks(px[1], px[2], dst_addr(j.stream, alice.jid, bob))
    eq(alice.activate(j.stream, bob)["type"], "result")
    j.transport_info("<activated cid='proxy'/>")
    wire.write(data, quiet=True)
    wire.close()
    j.succeeded()
    eq(host.count, 1)
    # nothing is reached by either
    host.close()
    j, own = begin(direct)
    ok(j.expect("transport-info").find("{jingle}jingle/content/{js5b}transport/candidate-error") is not None)
    j.transport_info("<candidate-error/>")
    j.replace("ibb", "inband", block=4096)
    alice.ibb_send(bob, "inband", data)
    j.succeeded()
    j, own = begin(direct)
    j.expect("transport-info")
    eq(j.terminate("failed-transport")["type"], "result")
    receiver = t.xmpp(ferry, "bob")
    for _ in range(3):
        eq(sha256(t.get(take_link(receiver)[0]).body), sha256(data))
    receiver.expect_nothing()
