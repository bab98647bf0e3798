"""With copy = on a Jingle session that runs in band or through our proxy, brought by either side, is finished by Ferry when the receiver
leaves in the middle: the sender hears received and success. When only his connection broke, his cancel is heeded, and other words
end nothing. What comes to its end, and what either side cancels, leaves nothing."""
import os

from talk import *


def run(t):
    ferry = t.ferry(users=["alice", "bob"], conf={"offers.copy": "on", "limits.stall": "3s"})
    alice = t.xmpp(ferry, "alice")
    data = os.urandom(1_000_000)
    px = alice.proxy_address()

    def begun(method, owner="sender", **options):
        bob = t.xmpp(ferry, "bob", resource="desk")
        j = alice.jingle(bob.jid, "a.bin", data, method=method, hash=True, **options,
                         candidates=candidate(*px, "ours", 1, "proxy") if method == "s5b" and owner == "sender" else "")
        seen = bob.expect_jingle()
        seen.accepted(j)
        if method == "ibb":
            alice.ibb_opened(bob, j.to, j.stream)
            return bob, j, seen, None, None
        starter, target = (alice, bob.jid) if owner == "sender" else (bob, alice.jid)
        key = dst_addr(j.stream, starter.jid, target)
        reads, writes = t.socks(px[1], px[2], key, name="bob-s5b"), t.socks(px[1], px[2], key, name="alice-s5b")
        reads.quiet = writes.quiet = True
        eq(starter.activate(j.stream, target)["type"], "result")
        return bob, j, seen, reads, writes

    def finished(bob, j):
        j.succeeded()
        take_notice(alice, "stored")
        url, _ = take_link(bob, "alice@localhost")
        eq(sha256(t.get(url).body), sha256(data))
        bob.end()

    def goes_on(mark):
        ferry.log_expect("goes on without the receiver", since=mark)

    bob, j, seen, _, _ = begun("ibb")
    blocks = [alice.ibb_data(j.to, j.stream, seq, data[seq * 4096:(seq + 1) * 4096]) for seq in range(2)]
    bob.take("iq/{ibb}data")
    mark = ferry.log_mark()
    bob.abort()
    goes_on(mark)
    for uid in blocks:
        eq(alice.answer(uid, j.to)["type"], "result")
    alice.ibb_blocks(j.to, j.stream, data[8192:], seq=2)
    eq(alice.ibb_close(j.to, j.stream)["type"], "result")
    finished(t.xmpp(ferry, "bob"), j)

    for owner in ("sender", "receiver"):
        for left in ("all", "connection"):
            bob, j, seen, reads, writes = begun("s5b", owner)
            writes.write(data[:400_000])
            reads.need(100_000)
            mark = ferry.log_mark()
            if left == "all":
                bob.abort()
                bob = None
            reads.abort()
            writes.write(data[400_000:])
            goes_on(mark)
            if bob:
                eq(seen.terminate("failed-transport")["type"], "result")
            finished(bob or t.xmpp(ferry, "bob"), j)

    bob, j, seen, reads, writes = begun("s5b", size=False)  # nobody knows its size: the sender's end is the file's
    writes.write(data[:400_000])
    mark = ferry.log_mark()
    bob.abort()
    reads.abort()
    writes.write(data[400_000:])
    goes_on(mark)
    writes.close()
    finished(t.xmpp(ferry, "bob"), j)

    bob, j, seen, reads, writes = begun("s5b")  # his cancel comes behind the end of his connection
    writes.write(data[:400_000])
    mark = ferry.log_mark()
    reads.abort()
    goes_on(mark)
    eq(seen.terminate("cancel")["type"], "result")
    j.ended("decline")
    take_notice(alice, "failed")
    writes.expect_eof()
    bob.end()
    alice.expect_nothing()

    before = ferry.ctl("ls", "--all").rows
    for how in ("done", "cancel", "sender cancels"):
        for method, size in (("ibb", None), ("s5b", None), ("s5b", False)):
            bob, j, seen, reads, writes = begun(method, size=size)
            some = data if how == "done" and method == "s5b" else data[:4096]
            if method == "s5b":
                writes.write(some)
                reads.need(len(some))
            else:
                alice.ibb_passed(bob, j.to, j.stream, 0, some)
                if how == "done":
                    uid = alice.ibb_close(j.to, j.stream, wait=False)
                    bob.result(bob.take("iq/{ibb}close"))
                    eq(alice.answer(uid, j.to)["type"], "result")
            if how == "sender cancels":
                uid = j.terminate("cancel", wait=False)
                bob.result(bob.take("iq[@type='set']/{jingle}jingle[@action='session-terminate']"))
                eq(alice.answer(uid, j.to)["type"], "result")
            else:
                uid = seen.terminate("success" if how == "done" else "cancel", wait=False)
                j.ended("success" if how == "done" else "cancel")
                eq(bob.answer(uid)["type"], "result")
            mark = ferry.log_mark()
            if method == "s5b":
                reads.close()
                writes.close()
                ferry.log_expect("proxy65 relay", since=mark)
            bob.end()
            alice.expect_nothing()
            eq(ferry.ctl("ls", "--all").rows, before, f"{how}, {method}")
