"""What a client may get wrong with the steps of a command, each answered by one error and nothing done: a step of a sitting that is
another user's, another resource's, another command's, or over; steps out of order; forms that lack a field, have it twice, or are huge.
More sittings than a resource may have push out its oldest alone."""
from talk import *

NODE = "http://jabber.org/protocol/commands"


def run(t):
    ferry = t.ferry(users=["alice", "bob"])
    alice, bob = t.xmpp(ferry, "alice"), t.xmpp(ferry, "bob")
    other = t.xmpp(ferry, "alice", resource="other")
    slot = ferry.ctl("slot", "mine.txt", 4, "--from", "alice@localhost").dict
    eq(t.put(slot["put"], b"1234").status, 201)
    ident = slot["get"].split("/")[4]

    def step(x, node, sid=None, action=None, form=""):
        return x.iq_set(f"<command xmlns='{NODE}' node='{node}'" + (f" sessionid='{sid}'" if sid else "") + (f" action='{action}'" if action else "") +
                        f">{form}</command>", "upload.localhost")

    def begun(x, node="delete"):
        return step(x, node).find(f"{{{NODE}}}command")["sessionid"]

    def form(*values, kind="submit", var="id"):
        fields = "".join(f"<field var='{var}'><value>{esc(v)}</value></field>" for v in values)
        return f"<x xmlns='jabber:x:data' type='{kind}'>{fields}</x>"

    sid = begun(alice)
    for x in (bob, other):
        expect_error(step(x, "delete", sid, "next", form(ident)), "bad-request", app=f"{{{NODE}}}bad-sessionid")
        expect_error(step(x, "delete", sid, "cancel"), "bad-request", app=f"{{{NODE}}}bad-sessionid")
    expect_error(step(alice, "extend", sid, "next", form(ident)), "bad-request", app=f"{{{NODE}}}bad-sessionid")
    expect_error(step(alice, "delete", sid, "prev"), "bad-request", app=f"{{{NODE}}}bad-action")
    expect_error(step(alice, "delete", sid, "fly"), "bad-request", app=f"{{{NODE}}}malformed-action")
    expect_error(step(alice, "delete", sid, "next", form(ident, kind="form")), "bad-request", app=f"{{{NODE}}}bad-payload")
    for bad in (form(), form("x" * 5000), form(ident, "y" * 100_000)):
        got = step(alice, "delete", sid, "next", bad)
        eq(got.find(f"{{{NODE}}}command")["status"], "executing")
        eq(got.find(f"{{{NODE}}}command/note")["type"], "error")
    sure = step(alice, "delete", sid, "next", form("nonsense", ident)).find(f"{{{NODE}}}command")  # of two the last
    ok(sure.find("actions/complete") is not None and ident in sure.xml(), sure.xml())
    expect_error(step(alice, "delete", sid, "next"), "bad-request", app=f"{{{NODE}}}bad-action")
    eq(step(alice, "delete", sid, "prev").find(f"{{{NODE}}}command")["status"], "executing")
    eq(step(alice, "delete", sid, "cancel").find(f"{{{NODE}}}command")["status"], "canceled")
    expect_error(step(alice, "delete", sid, "complete"), "bad-request", app=f"{{{NODE}}}bad-sessionid")

    his = begun(bob)
    mine = [begun(alice) for _ in range(30)]
    expect_error(step(alice, "delete", mine[0], "cancel"), "bad-request", app=f"{{{NODE}}}bad-sessionid")
    for one in mine[-5:]:
        eq(step(alice, "delete", one, "cancel").find(f"{{{NODE}}}command")["status"], "canceled")
    eq(step(bob, "delete", his, "cancel").find(f"{{{NODE}}}command")["status"], "canceled")
    eq(t.get(slot["get"]).body, b"1234")
