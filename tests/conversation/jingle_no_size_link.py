"""Who offers a file without a size and can deliver none of it gets an upload link as anybody else does: for as much as the site takes at
most. The first upload says how large it is, in whatever dialect, and from then on the slot is for exactly that; one that does not
say it, or is too large, is refused, and takes nothing."""
import os

from talk import *


def run(t):
    ferry = t.ferry(users=["alice", "bob"], conf={"storage.max_file_size": "100K", "storage.user_quota": "120K"})
    alice = t.xmpp(ferry, "alice")
    bob, data = "bob@localhost", os.urandom(60_000)

    def used():
        return int(ferry.ctl("user", "quota", "alice@localhost").dict["used"])

    def invited(name):
        alice.jingle(bob, name, size=False, method="urn:xmpp:jingle:transports:ice-udp:1").turned_down("unsupported-transports")
        m = take_notice(alice, "upload")
        ok(name in m.body and "up to 100" in m.body, m.body)
        return m.find("transfer")["put"]
    put = invited("plain.bin")
    eq(t.put(put, bytes(102_401)).status, 413)
    eq(t.fetch("PUT", put, {"Transfer-Encoding": "chunked"}, b"").status, 411)
    eq(used(), 0)
    eq(t.put(put, data).status, 201)
    take_notice(alice, "stored")
    eq(used(), len(data), "what it is, not what it might have been")
    eq(t.put(put, data).status, 201, "the same again")
    eq(t.put(put, data[1:]).status, 409)

    put = invited("tus.bin")
    tus = {"Tus-Resumable": "1.0.0"}
    more = {**tus, "Content-Type": "application/offset+octet-stream", "Upload-Offset": "0"}
    r = t.fetch("HEAD", put, tus)
    eq((r.status, r["Upload-Offset"], r["Upload-Length"], r["Upload-Defer-Length"]), (200, "0", None, "1"))
    eq(t.fetch("PATCH", put, more, data[:10]).status, 411)
    eq(t.fetch("POST", put, {**more, "X-HTTP-Method-Override": "PATCH"}, data[:10]).status, 411, "a part is no whole")
    eq(t.fetch("PATCH", put, {**more, "Upload-Length": "102401"}, data[:10]).status, 413)
    eq(t.fetch("PATCH", put, {**more, "Upload-Length": "30"}, data[:10]).status, 204)
    r = t.fetch("HEAD", put, tus)
    eq((r.status, r["Upload-Offset"], r["Upload-Length"], r["Upload-Defer-Length"]), (200, "10", "30", None))
    eq(t.put(put, data[:31]).status, 413, "it was said")
    eq(t.fetch("PATCH", put, {**more, "Upload-Offset": "10"}, data[10:30]).status, 204)
    take_notice(alice, "stored")
    eq(used(), len(data) + 30)

    put = invited("draft.bin")
    draft = {"Upload-Draft-Interop-Version": "8"}
    eq(t.put(put, data[:10], {**draft, "Upload-Complete": "?0"}).status, 411)
    eq(t.put(put, data[:10], {**draft, "Upload-Complete": "?0", "Upload-Length": "102401"}).status, 413)
    eq(t.put(put, data[:10], {**draft, "Upload-Complete": "?0", "Upload-Length": "20"}).status, 201)
    eq(t.fetch("PATCH", put, {**draft, "Content-Type": "application/partial-upload", "Upload-Offset": "10", "Upload-Complete": "?1"}, data[10:20]).status, 201)
    take_notice(alice, "stored")

    put = invited("quota.bin")
    eq(t.put(put, bytes(70_000)).status, 507)
    put = invited("whole.bin")
    eq(t.put(put, data[:5], {**draft, "Upload-Complete": "?1"}).status, 201)
    take_notice(alice, "stored")

    ferry.reload(**{"offers.answer_timeout": "40s"})
    j = alice.jingle(bob, "rejects.bin", size=False, method="s5b")  # one who was accepted, and reaches nothing
    j.accepted()
    j.expect("transport-info")
    j.transport_info("<candidate-error/>")
    ferry.reload(**{"offers.answer_timeout": None})  # for his answer there is time
    stream = j.expect("transport-replace").find("{jingle}jingle/content/{jibb}transport")["sid"]
    eq(j.say("transport-reject", j.wrap(transport_xml("ibb", stream)))["type"], "result")
    j.ended("failed-transport")
    eq(t.put(take_notice(alice, "upload").find("transfer")["put"], data[:7]).status, 201)
    take_notice(alice, "stored")
    alice.expect_nothing()
    ferry.ctl("fsck")
    receiver = t.xmpp(ferry, "bob")
    got = dict(take_link(receiver) for _ in range(5))
    eq(sorted(len(t.get(url).body) for url in got), [5, 7, 20, 30, 60_000])
