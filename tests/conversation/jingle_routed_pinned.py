"""Somebody is there: a Jingle session to a bare, an empty-resource or a full address goes to one resource of his and stays there,
with `to` as the sender wrote it; each word of his comes from the address that was asked; also behind a transport-replace."""
from talk import *


def run(t):
    ferry = t.ferry(users=["alice", "bob"])
    alice = t.xmpp(ferry, "alice")
    low = t.xmpp(ferry, "bob", resource="low", priority=1)
    high = t.xmpp(ferry, "bob", resource="high", priority=5)
    data = b"some bytes"
    for to in ("bob@localhost", "Bob@LOCALHOST/", "bob@localhost/high"):
        j = alice.jingle(to, "a.txt", data)
        seen = high.expect_jingle()
        eq((seen.to, seen.sender), (to, alice.jid))
        high.result(seen.el)
        eq(j.answer()["type"], "result")
        said = seen.accept()
        j.expect("session-accept")
        eq(high.answer(said, alice.jid)["type"], "result")
        uid = j.say("transport-replace", j.wrap(transport_xml("ibb", "None")), wait=False)
        el = high.take("iq[@type='set']/{jingle}jingle[@action='transport-replace']")
        eq(el["to"], to)
        high.result(el)
        eq(alice.answer(uid, to)["type"], "result")
        for step in (lambda: alice.ibb_open(to, "None", wait=False), lambda: alice.ibb_data(to, "None", 0, data),
                     lambda: alice.ibb_close(to, "None", wait=False)):
            uid = step()
            high.result(high.take("iq[@type='set']", to=to))
            eq(alice.answer(uid, to=to)["type"], "result")
        said = seen.say("session-info", f"<received xmlns='{NS['jft5']}' creator='initiator' name='{j.content}'/>", wait=False)
        j.expect("session-info")
        eq(high.answer(said, alice.jid)["type"], "result")
        said = seen.terminate("success", wait=False)
        j.ended("success")
        eq(high.answer(said, alice.jid)["type"], "result")
    for reason in ("decline", "cancel", "busy"):
        j = alice.jingle("bob@localhost", "a.txt", data)
        seen = high.expect_jingle()
        high.result(seen.el)
        eq(j.answer()["type"], "result")
        seen.terminate(reason, wait=False)
        j.ended(reason)
    j = alice.jingle("bob@localhost", "a.txt", data)
    seen = high.expect_jingle()
    high.send_error(seen.el, "forbidden")
    j.refused("forbidden")
    low.expect_nothing()
    alice.expect_nothing()
    eq(ferry.ctl("ls").rows, [])
