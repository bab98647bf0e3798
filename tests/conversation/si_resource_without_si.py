"""An offer to a bare address passes over a resource that is known to lack SI: the next one gets it, and where there is none
Ferry accepts, as it does for the offer that brought the knowledge."""
from talk import *


def run(t):
    ferry = t.ferry(users=["alice", "bob"])
    alice = t.xmpp(ferry, "alice")
    plain = t.xmpp(ferry, "bob", resource="plain", priority=5)
    able = t.xmpp(ferry, "bob", resource="able", priority=1)

    first = alice.offer("bob@localhost", name="a.txt", data=b"one")
    plain.send_error(plain.expect("iq[@type='set']"), "service-unavailable", code=503)
    first.accepted()  # Ferry does

    second = alice.offer("bob@localhost", name="a.txt", data=b"one")
    able.expect_offer().decline("forbidden")
    second.refused("forbidden")

    third = alice.offer("bob@localhost", name="a.txt", data=b"one")
    able.expect_offer().accept("ibb")  # who said no can still say yes
    third.accepted("ibb")

    able.end()
    alice.offer("bob@localhost", name="b.txt", data=b"two").accepted("ibb")
    plain.expect_nothing()
