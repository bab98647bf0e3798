"""Jingle over SOCKS5 without our proxy: the sender's candidates that may be dialled are, by their priority and not before he has
answered the session-accept; the one that answers is used, and a port that nobody opened costs nothing but the next one. What has
no name, or words too long for any address, is no candidate and takes no place among them."""
import os

from talk import *


def run(t):
    ferry = t.ferry(users=["alice", "bob"])
    alice = t.xmpp(ferry, "alice")
    data = os.urandom(200_000)
    closed, host = t.streamhost(), t.streamhost()
    closed.close()
    j = alice.jingle("bob@localhost", "d.bin", data, method="s5b",
                     candidates=candidate("j" * 4000, host.host, host.port, "l", 90000) * 4 + candidate("j", host.host, host.port, "l" * 600, 90000) * 4 +
                     f"<candidate host='{host.host}' port='{host.port}' jid='j' priority='90000'/>" + candidate(alice.jid, "192.0.2.1", 4000, "foreign", 9000) + candidate(alice.jid, host.host, host.port, "good", 50) +
                     candidate(alice.jid, closed.host, closed.port, "closed", 8000))
    eq(j.answer()["type"], "result")
    el = j.expect("session-accept", answer=False)
    alice.sync()
    eq(host.count, 0, "connections before the session-accept was answered")
    alice.result(el)
    wire = host.accept()
    wire.serve(dst_addr(j.stream, alice.jid, "bob@localhost"))
    eq(j.expect("transport-info").find("{jingle}jingle/content/{js5b}transport/candidate-used")["cid"], "good")
    j.transport_info("<candidate-error/>")
    wire.write(data, quiet=True)
    wire.close()
    j.succeeded()
    bob = t.xmpp(ferry, "bob")
    eq(sha256(t.get(take_link(bob)[0]).body), sha256(data))
