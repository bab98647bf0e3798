"""A Jingle transfer that broke off goes on where it stood when the sender offers the same file again and can send parts: the
session-accept asks for the rest by <range offset/>. Who offers no ranges begins at 0; who offers the end alone is taken where the
rest is held, and refused elsewhere. What he cancels himself is not kept."""
import os

from talk import *


def run(t):
    ferry = t.ferry(users=["alice", "bob"])
    bob, data = "bob@localhost", os.urandom(50_000)
    part = 20_480

    def begin(alice, name, **options):
        j = alice.jingle(bob, name, data, **{"file_extra": "<range/>", "hash": sum_xml(data, "sha-1"), **options})
        j.accepted()
        return j

    def offset(j):
        return int(j.range["offset"]) if j.range is not None else 0

    def break_off(name, cancel=False, **options):
        alice = t.xmpp(ferry, "alice")
        j = begin(alice, name, **options)
        eq(offset(j), 0)
        alice.ibb_open(bob, j.stream)
        alice.ibb_blocks(bob, j.stream, data[:part])
        mark = ferry.log_mark()
        if cancel:
            j.terminate("cancel")
            alice.end()
        else:
            alice.abort()
        ferry.log_expect("transfer given up" if cancel else "transfer kept .*received=20480", since=mark)

    def finish(alice, j, at):
        alice.ibb_send(bob, j.stream, data[at:])
        j.succeeded()
    break_off("a.bin")
    alice = t.xmpp(ferry, "alice")
    j = begin(alice, "a.bin")
    eq(offset(j), part)
    finish(alice, j, part)
    alice.end()

    break_off("date.bin", hash=None, file_extra="<range/><date>2026-11-22T10:00:00Z</date>")
    ferry.restart(kill=True)
    alice = t.xmpp(ferry, "alice")
    j = begin(alice, "date.bin", hash=None, file_extra="<range/><date>2026-11-22T10:00:00Z</date>", version=4)
    eq(offset(j), part)
    j.replace("ibb", "another")
    finish(alice, j, part)
    alice.end()

    break_off("whole.bin")
    alice = t.xmpp(ferry, "alice")
    j = begin(alice, "whole.bin", file_extra="")
    eq(offset(j), 0)
    finish(alice, j, 0)
    alice.end()

    break_off("end.bin")
    alice = t.xmpp(ferry, "alice")
    for at in (part - 1, part + 1):
        alice.jingle(bob, "end.bin", data, hash=sum_xml(data, "sha-1"), file_extra=f"<range offset='{at}'/>").turned_down("failed-application")
    j = begin(alice, "end.bin", file_extra=f"<range offset='{part}' length='{len(data) - part}'/>")
    finish(alice, j, part)
    alice.end()

    break_off("proxied.bin", hash=True)
    alice = t.xmpp(ferry, "alice")
    px = alice.proxy_address()
    j = begin(alice, "proxied.bin", hash=True, method="s5b", candidates=candidate(*px, cid="px", kind="proxy"))
    eq(offset(j), part)
    j.expect("transport-info")
    j.transport_info("<proxy-error/>")  # after the claim: it goes on at the same place by another transport
    j.replace("ibb", "inband")
    finish(alice, j, part)
    alice.end()

    break_off("lies.bin")
    alice = t.xmpp(ferry, "alice")
    j = begin(alice, "lies.bin")
    eq(offset(j), part)
    alice.ibb_open(bob, j.stream)
    alice.ibb_blocks(bob, j.stream, data[:len(data) - part])  # he has not listened: from 0
    expect_error(alice.ibb_close(bob, j.stream), "not-acceptable")
    j.ended("media-error")
    j = begin(alice, "lies.bin")
    eq(offset(j), 0)
    j.terminate("cancel")
    alice.end()

    break_off("claimed.bin")  # it ends again while the first part is being opened
    alice = t.xmpp(ferry, "alice")
    j = begin(alice, "claimed.bin")
    eq(offset(j), part)
    lock = ferry.hold_index()
    opened, mark = alice.ibb_open(bob, j.stream, wait=False), ferry.log_mark()
    eq(j.terminate("connectivity-error")["type"], "result")
    lock.close()
    alice.answer(opened, bob)
    ferry.log_expect("transfer (kept|given up)", since=mark)
    j = begin(alice, "claimed.bin")
    eq(offset(j), part)
    finish(alice, j, part)
    alice.end()

    break_off("cancelled.bin", cancel=True)
    alice = t.xmpp(ferry, "alice")
    eq(offset(begin(alice, "cancelled.bin")), 0)
    receiver = t.xmpp(ferry, "bob")
    links = dict(take_link(receiver) for _ in range(6))
    eq(sorted(url.rsplit("/", 1)[1] for url in links), ["a.bin", "claimed.bin", "date.bin", "end.bin", "proxied.bin", "whole.bin"])
    for url in links:
        eq(sha256(t.get(url).body), sha256(data))
