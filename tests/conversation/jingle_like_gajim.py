"""A sender as Gajim is: a date no standard knows, a checksum that is promised and never comes, one of a function that nobody knows, a
port that opens when it has heard the session-accept, a stream host that accepts and is silent, and an in-band stream in its place
whose id is the word None. The next host gets its share of the time; where none is left, candidate-error comes all the same."""
import os

from talk import *


def run(t):
    ferry = t.ferry(users=["alice", "bob"])
    alice = t.xmpp(ferry, "alice")
    bob, data = "bob@localhost/away", os.urandom(30_000)
    about = {"hash": f"<hash xmlns='{NS['hashes']}' algo='md17'>AAAA</hash>",
             "file_extra": "<date>Sun Nov 22 10:00:00 2026</date><desc/>"}
    silent, host = t.streamhost(), t.streamhost()
    for good in (True, False):
        ferry.reload(**{"limits.handshake": "8s" if good else "1s"})  # each has an equal share of it
        hosts = candidate(alice.jid, silent.host, silent.port, "silent", 9000)
        if good:
            hosts += candidate(alice.jid, host.host, host.port, "good", 50)
        j = alice.jingle(bob, "g.bin", data, method="s5b", candidates=hosts, **(about if good else {"hash": sum_xml(None)}))
        eq(j.answer()["type"], "result")
        el = j.expect("session-accept", answer=False)
        alice.sync()
        eq(silent.count, 0 if good else 1, "connections before the session-accept was answered")
        alice.result(el)
        wire = silent.accept()
        if good:
            wire = host.accept()
            wire.serve(dst_addr(j.stream, alice.jid, bob))
            eq(j.expect("transport-info").find("{jingle}jingle/content/{js5b}transport/candidate-used")["cid"], "good")
            j.transport_info("<candidate-error/>")
            wire.write(data, quiet=True)
            wire.close()
        else:
            ok(j.expect("transport-info").find("{jingle}jingle/content/{js5b}transport/candidate-error") is not None)
            j.transport_info("<candidate-error/>")
            j.replace("ibb", "None")
            alice.ibb_send(bob, "None", data)
        j.succeeded()
    receiver = t.xmpp(ferry, "bob")
    for _ in range(2):
        eq(sha256(t.get(take_link(receiver)[0]).body), sha256(data))
