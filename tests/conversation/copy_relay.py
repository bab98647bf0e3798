"""With copy = on the bytes of a stream through our proxy are kept from the first one: when the receiver's connection breaks in the middle,
or takes nothing any more when he has left, Ferry goes on in his name; the sender's stream ends as if nothing had been. So it does when
he goes with the last bytes unread, and when the sender's session went before."""
import os

from talk import *


def run(t):
    ferry = t.ferry(users=["alice", "bob"], conf={"offers.copy": "on", "limits.stall": "3s"})
    alice = t.xmpp(ferry, "alice")
    large, small = os.urandom(5_000_000), os.urandom(100_000)

    def relayed(data, reads=True):
        bob = t.xmpp(ferry, "bob", resource="desk")
        target, requester, _ = alice.relay_to(bob, data)
        target.paused = not reads
        return bob, target, requester

    def goes_on(bob, data, requester, mark, why):
        ferry.log_expect("goes on without the receiver", since=mark)
        requester.expect_eof()
        requester.close()
        take_notice(alice, "stored")
        url, _ = take_link(bob, "alice@localhost")
        eq(sha256(t.get(url).body), sha256(data), why)
        bob.end()

    for left in ("abort", "close"):
        bob, target, requester = relayed(large)
        requester.write(large[:2_000_000], quiet=True)
        target.need(1_000_000)
        mark = ferry.log_mark()
        getattr(target, left)()
        requester.write(large[2_000_000:], quiet=True)
        goes_on(bob, large, requester, mark, left)

    bob, target, requester = relayed(small, reads=False)
    requester.write(small, quiet=True)
    target.abort()
    goes_on(bob, small, requester, mark, "at the last byte")

    bob, target, requester = relayed(large, reads=False)
    requester.write(large[:1_000_000], quiet=True)
    mark = ferry.log_mark()
    alice.abort()
    bob.abort()
    ferry.log_expect("c1 .*dead")
    requester.write(large[1_000_000:], quiet=True)
    alice, bob = t.xmpp(ferry, "alice"), t.xmpp(ferry, "bob", resource="other")
    goes_on(bob, large, requester, mark, "silent")
    alice.expect_nothing()
