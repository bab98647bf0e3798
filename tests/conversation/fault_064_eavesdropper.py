"""Row 64: who connects first under a hash takes a place; the true one is refused, it is logged, and the file is not taken for whole."""
from talk import *


def run(t):
    ferry = t.ferry(users=["alice", "bob"])
    alice = t.xmpp(ferry, "alice")
    proxy = alice.proxy_address()
    offer = alice.offer("bob@localhost", "a.txt", b"secret", methods=("s5b",), hash=True)
    offer.accepted("s5b")
    key = dst_addr(offer.sid, alice.jid, "bob@localhost")
    uid = alice.s5b_query("bob@localhost", offer.sid, [proxy])
    alice.s5b_used(uid, "bob@localhost", proxy[0])
    thief = t.socks(proxy[1], proxy[2], key)
    late = t.socks(proxy[1], proxy[2])
    late.greet()
    late.chosen()
    late.ask(key)
    eq(late.answered()[0], 5)
    ferry.log_expect("proxy65 third-connection")
    thief.write(b"forged")
    eq(alice.activate(offer.sid, "bob@localhost")["type"], "result")
    thief.write(b"forged")
    thief.close()
    take_notice(alice, "failed")
