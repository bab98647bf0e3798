"""Row 52 for Jingle: a checksum that does not fit, of any function that is known, told at once or late, keeps the file from being
stored: media-error, and the notice says why. A promised one is waited for, also behind the last byte, but not for ever; functions
that are not known are passed over."""
from talk import *


def run(t):
    ferry = t.ferry(users=["alice", "bob"])
    alice = t.xmpp(ferry, "alice")
    bob = "bob@localhost"
    data = b"right bytes"
    functions = ("md5", "sha-1", "sha-224", "sha-256", "sha-384", "sha-512", "sha3-256", "sha3-512", "blake2b-512")
    for hash in [sum_xml(b"other", f) for f in functions] + [sum_xml(data) + sum_xml(b"other", "sha-1")]:
        j = alice.jingle(bob, "wrong.txt", data, hash=hash)
        j.accepted()
        alice.ibb_open(bob, j.stream)
        alice.ibb_blocks(bob, j.stream, data)
        expect_error(alice.ibb_close(bob, j.stream), "not-acceptable")
        j.ended("media-error")
        eq(take_notice(alice, "failed").find("transfer")["why"], "hash-mismatch")
    alice.jingle_send(bob, "right.txt", data, hash="".join(sum_xml(data, f) for f in functions))
    j = alice.jingle(bob, "late.txt", data)  # nothing was said of a checksum before, and it comes with the last byte
    j.accepted()
    alice.ibb_open(bob, j.stream)
    alice.ibb_blocks(bob, j.stream, data)
    j.checksum(b"other", "sha-512")
    expect_error(alice.ibb_close(bob, j.stream), "not-acceptable")
    j.ended("media-error")
    for told, end in ((b"other", "media-error"), (data, None)):
        j = alice.jingle(bob, "late.txt", data, hash=sum_xml(None))
        j.accepted()
        alice.ibb_open(bob, j.stream)
        alice.ibb_blocks(bob, j.stream, data)
        closing = alice.ibb_close(bob, j.stream, wait=False)
        alice.sync()
        ok(not alice.have("iq[@type='set']"), "stored before the promised checksum came")
        j.checksum(told)
        eq(alice.answer(closing)["type"], "error" if end else "result")
        j.ended(end) if end else j.succeeded()
    j = alice.jingle(bob, "never.txt", data, hash=sum_xml(None) + sum_xml(None, "blake9"))
    j.accepted()
    alice.ibb_send(bob, j.stream, data)
    j.succeeded()
    odd = f"<hash xmlns='{NS['hashes']}' algo='blake2b-256'>AAAA</hash><hash xmlns='{NS['hashes']}' algo='sha-256'>deadbeef</hash>" \
          f"<hash xmlns='{NS['hashes']}'/>"
    alice.jingle_send(bob, "odd.txt", data, hash=odd + sum_xml(data, "md5"))
    receiver = t.xmpp(ferry, "bob")
    for _ in range(4):
        eq(t.get(take_link(receiver)[0]).body, data)
    receiver.expect_nothing()
