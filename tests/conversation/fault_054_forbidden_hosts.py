"""Row 54: forbidden stream hosts in every notation are never dialled: one item-not-found for all; in-band still works then."""
from talk import *


def run(t):
    ferry = t.ferry(users=["alice", "bob"])
    alice = t.xmpp(ferry, "alice", source="127.0.0.1")
    own = t.streamhost()
    elsewhere = t.streamhost(host="127.0.0.2")
    offer = alice.offer("bob@localhost", "a.txt", b"1234", methods=("s5b", "ibb"))
    offer.accepted()
    hosts = [("127.0.0.2", elsewhere.port), ("0.0.0.0", own.port), ("0", own.port), ("2130706433", own.port),
             ("0x7f000001", own.port), ("0177.0.0.1", own.port), ("127.1", own.port), ("::ffff:127.0.0.2", elsewhere.port),
             ("169.254.169.254", 80), ("224.0.0.1", own.port), ("::1", own.port), ("127.0.0.1", 0), ("127.0.0.1", 22),
             ("127.0.0.1", "x"), ("127.0.0.1", 70000), ("127.0.0.1", ferry.address("xmpp")[1]), ("", own.port),
             ("localhost", ferry.address("proxy65")[1])]
    hosts += [("127.0.0.1", ferry.address(name)[1]) for name in ("xmpp_tls", "xmpp_legacy", "http", "admin")]
    ferry.reload(**{"limits.handshake": "1s"})  # the answer comes at a tenth of it
    for host, port in hosts:
        expect_error(alice.s5b_query("bob@localhost", offer.sid, [(alice.jid, host, port)], wait=True), "item-not-found")
    eq((own.count, elsewhere.count), (0, 0), "connections")
    ok(not ferry.log_has("debug dial "), "something was dialled")
    alice.ibb_send("bob@localhost", offer.sid, b"1234")
    take_notice(alice, "stored")
