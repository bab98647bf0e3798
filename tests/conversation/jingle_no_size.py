"""XEP-0234's <size/> may be missing: the file takes what the quotas have left, up to the largest size, and the sender's own end of
the stream is its end. A byte beyond what there is is refused in the name of the limit, and nothing stays reserved."""
import os

from talk import *


def run(t):
    ferry = t.ferry(users=["alice", "bob"], conf={"storage.max_file_size": "100K", "storage.user_quota": "300K", "limits.stall": "4s"})
    alice = t.xmpp(ferry, "alice")
    bob = "bob@localhost"

    def used():
        return int(ferry.ctl("user", "quota", "alice@localhost").dict["used"])
    data = os.urandom(30_000)
    alice.jingle_send(bob, "sum.bin", data, size=False, hash=True)
    alice.jingle_send(bob, "empty", b"", size=False)
    alice.jingle_send(bob, "full.bin", bytes(102_400), size=False)
    sizes = 30_000 + 102_400
    eq(used(), sizes)
    j = alice.jingle(bob, "proxied.bin", data, size=False, method="s5b",
                     candidates=candidate(*alice.proxy_address(), cid="px", kind="proxy"))
    j.accepted()
    jid, host, port = alice.proxy_address()
    j.expect("transport-info")
    wire = t.socks(host, port, dst_addr(j.stream, alice.jid, bob))
    eq(alice.activate(j.stream, bob)["type"], "result")
    wire.write(data)
    wire.shut()
    j.succeeded()
    wire.close()
    sizes += len(data)
    eq(used(), sizes)

    j = alice.jingle(bob, "said.bin", data, size=False)
    j.accepted()
    alice.ibb_open(bob, j.stream)
    alice.ibb_blocks(bob, j.stream, data[:7])
    eq(j.terminate("success")["type"], "result")  # and no farewell of the stream
    sizes += 7
    t.pump(lambda: used() == sizes, "it is stored", 20)
    j = alice.jingle(bob, "reset.bin", data, size=False, method="s5b", candidates=candidate(jid, host, port, cid="px", kind="proxy"))
    j.accepted()
    j.expect("transport-info")
    wire = t.socks(host, port, dst_addr(j.stream, alice.jid, bob))
    eq(alice.activate(j.stream, bob)["type"], "result")
    wire.write(data)
    wire.abort()
    j.ended("failed-transport")
    eq(take_notice(alice, "failed").find("transfer")["why"], "broken-off")
    t.pump(lambda: used() == sizes, "what was reserved is back", 20)
    j = alice.jingle(bob, "late.bin", data, size=False, hash=sum_xml(None))
    j.accepted()
    alice.ibb_open(bob, j.stream)
    alice.ibb_blocks(bob, j.stream, data[:-1])
    closing = alice.ibb_close(bob, j.stream, wait=False)
    j.checksum(data)
    expect_error(alice.answer(closing), "not-acceptable")
    j.ended("media-error")
    eq(used(), sizes)

    def too_much(bytes, condition, reason, app=None):
        j = alice.jingle(bob, "long.bin", size=False)
        j.accepted()
        alice.ibb_open(bob, j.stream)
        whole, rest = divmod(bytes, 4096)
        alice.ibb_blocks(bob, j.stream, os.urandom(whole * 4096))
        expect_error(alice.answer(alice.ibb_data(bob, j.stream, whole, os.urandom(rest)), bob), condition)
        alice.result(alice.take("iq[@type='set']/{ibb}close"))
        j.ended(reason, app)
        t.pump(lambda: used() < 300 * 1024, "what was reserved is back", 20)
    too_much(102_401, "forbidden", "media-error", "{jft_errors}file-too-large")
    alice.jingle_send(bob, "fills.bin", bytes(100_000))
    too_much(300 * 1024 - sizes - 100_000 + 1, "resource-constraint", "failed-application")
    notices = [take_notice(alice, state) for state in ["failed"] * 3]
    ok(all("bytes)" not in n.body for n in notices), "a size that nobody told")
    eq([n.find("transfer")["why"] for n in notices], ["hash-mismatch", "offer-too-big", "quota-full"])
    eq(used(), sizes + 100_000)
    j = alice.jingle(bob, "broken.bin", size=False, method="ibb")
    j.accepted()
    alice.ibb_open(bob, j.stream)
    alice.ibb_blocks(bob, j.stream, data)
    mark = ferry.log_mark()
    alice.abort()
    ferry.log_expect("offer ended .*why=broken-off", since=mark)
    t.pump(lambda: used() == sizes + 100_000, "what was reserved is back", 20)
    ferry.ctl("fsck")
    receiver = t.xmpp(ferry, "bob")
    got = dict(take_link(receiver) for _ in range(6))
    eq(sorted(len(t.get(url).body) for url in got), [0, 7, 30_000, 30_000, 100_000, 102_400])
