"""A roster is kept: set, changed, pushed to every resource that asked for it, removed, there after a restart."""
from talk import *


def item(jid, name="", groups=(), extra=""):
    inner = "".join(f"<group>{g}</group>" for g in groups)
    return f"<query xmlns='jabber:iq:roster'><item jid='{jid}' name='{name}'{extra}>{inner}</item></query>"


def run(t):
    ferry = t.ferry(users=["alice"])
    one, two, deaf = (t.xmpp(ferry, "alice", resource=r) for r in ("one", "two", "deaf"))
    eq(one.roster(), {})
    two.roster()
    eq(one.iq_set(item("Bob@localhost", "Bob", ["Friends", "Work"]))["type"], "result")
    for x in (one, two):
        push = x.take("iq[@type='set']/{roster}query/item")
        eq(push.get("from"), None)
        i = push.find("query/item")
        eq((i["jid"], i["name"], i["subscription"], [g.text for g in i.all("group")]),
           ("bob@localhost", "Bob", "none", ["Friends", "Work"]))
    deaf.expect_nothing()
    eq(two.iq_set(item("bob@localhost", "Robert"))["type"], "result")
    eq(one.take("iq[@type='set']/{roster}query").find("query/item")["name"], "Robert")
    for bad, condition in ((item("a@b@c"), "jid-malformed"), (item("x@localhost", groups=["a", "a"]), "bad-request"),
                           (item("x@localhost", groups=[""]), "not-acceptable"), ("<query xmlns='jabber:iq:roster'/>", "bad-request"),
                           (item("x@localhost").replace("</query>", "<item jid='y@localhost'/></query>"), "bad-request"),
                           (item("x@localhost", groups=["g" * 800, "h" * 800, "i" * 800]), "not-acceptable"),
                           (item("x@localhost", extra=" subscription='remove'"), "item-not-found")):
        expect_error(one.iq_set(bad), condition)
    for x in (one, two):
        x.end()
    deaf.end()
    ferry.restart()
    one = t.xmpp(ferry, "alice", resource="one")
    eq({jid: i["name"] for jid, i in one.roster().items()}, {"bob@localhost": "Robert"})
    eq(one.iq_set(item("bob@localhost", extra=" subscription='remove'"))["type"], "result")
    eq(one.take("iq[@type='set']/{roster}query").find("query/item")["subscription"], "remove")
    eq(one.roster(), {})
