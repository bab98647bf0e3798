"""The user commands as ad-hoc commands: found in disco, done at once, by a form with execute, prev, complete and cancel; in the
language of the iq. A sitting belongs to the session that began it, runs once, and there are few of them."""
from talk import *

NODE = "http://jabber.org/protocol/commands"
UP = "upload.localhost"


def run(t):
    ferry = t.ferry(users=["alice", "bob"])
    alice, bob = t.xmpp(ferry, "alice"), t.xmpp(ferry, "bob")

    def step(who, node, action=None, sid=None, fields=None, lang=None, form="submit", to=UP):
        x = ""
        if fields is not None:
            x = f"<x xmlns='jabber:x:data' type='{form}'>" + "".join(
                f"<field var='{k}'><value>{esc(v)}</value></field>" for k, v in fields.items()) + "</x>"
        attrs = "".join(f" {k}='{v}'" for k, v in (("action", action), ("sessionid", sid)) if v)
        ident = who.id()
        who.send(f"<iq type='set' to='{to}' id='{ident}'{f' xml:lang={lang!r}' if lang else ''}><command xmlns='{NODE}' node='{node}'{attrs}>{x}</command></iq>")
        answer = who.take("iq", id=ident)
        return answer if answer["type"] == "error" else answer.find(f"{{{NODE}}}command")

    def note(c):
        return c["status"], c.find("note")["type"], c.find("note").text

    def actions(c):
        return c.find("actions")["execute"], [a.name for a in c.find("actions").children]

    ok(NODE in alice.disco_info(UP)[1], "the feature")
    items = alice.iq_get(f"<query xmlns='http://jabber.org/protocol/disco#items' node='{NODE}'/>", to=UP)
    nodes = {i["node"]: i["name"] for i in items.find("{items}query").children}
    eq(set(nodes), {"list", "link", "delete", "extend", "quota", "deliver", "mute", "unmute", "takeover", "accept", "help"})
    info = alice.iq_get("<query xmlns='http://jabber.org/protocol/disco#info' node='delete'/>", to=UP)
    ok(info.find("{disco}query/identity[@type='command-node']") is not None, "the node's identity")
    expect_error(alice.iq_get("<query xmlns='http://jabber.org/protocol/disco#info' node='nothing'/>", to=UP), "item-not-found")

    eq(note(step(alice, "list")), ("completed", "info", "You have no files."))
    eq(note(step(alice, "list", lang="zh-Hans")), ("completed", "info", "您没有文件。"))
    c = step(alice, "quota")
    eq([v.text[:14] for v in c.all("{data}x/field/value")], ["Stored by you:", "Left for you: "])

    c = step(alice, "deliver")
    eq((c["status"], actions(c)), ("executing", ("complete", ["complete"])))
    field = c.find("{data}x/field")
    eq((field["type"], field.text_of("value"), [o.text_of("value") for o in field.all("option")]), ("list-single", "link", ["link", "transfer", "both"]))
    c = step(alice, "deliver", "complete", c["sessionid"], {"how": "pigeon"})
    eq(note(c), ("executing", "error", "Write it so: deliver link|transfer|both"))
    sid = c["sessionid"]
    eq(note(step(alice, "deliver", "complete", sid, {"how": "both"})), ("completed", "info", "Files reach you: both."))
    again = step(alice, "deliver", "complete", sid, {"how": "both"})
    expect_error(again, "bad-request", app=f"{{{NODE}}}bad-sessionid")

    eq(t.put(ferry.ctl("slot", "a.txt", 4, "--from", "alice@localhost").dict["put"], b"1234").status, 201)
    ident = ferry.ctl("ls", "--json").objects[0]["id"]
    c = step(alice, "delete")
    sid = c["sessionid"]
    eq(actions(c), ("next", ["next"]))
    expect_error(step(bob, "delete", "next", sid, {"id": ident}), "bad-request", app=f"{{{NODE}}}bad-sessionid")
    expect_error(step(alice, "link", "next", sid, {"id": ident}), "bad-request", app=f"{{{NODE}}}bad-sessionid")
    expect_error(step(alice, "delete", "prev", sid), "bad-request", app=f"{{{NODE}}}bad-action")
    expect_error(step(alice, "delete", "next", sid), "bad-request", app=f"{{{NODE}}}bad-payload")
    expect_error(step(alice, "delete", "jump", sid), "bad-request", app=f"{{{NODE}}}malformed-action")
    eq(actions(step(alice, "delete", "next", sid, {"id": ident})), ("complete", ["prev", "complete"]))
    c = step(alice, "delete", "prev", sid)
    eq(c.find("{data}x/field").text_of("value"), ident)
    eq(step(alice, "delete", "cancel", sid)["status"], "canceled")
    eq(len(ferry.ctl("ls").rows), 1)
    sid = step(alice, "delete")["sessionid"]
    step(alice, "delete", None, sid, {"id": ident[:8]})
    eq(note(step(alice, "delete", None, sid)), ("completed", "info", '"a.txt" is deleted.'))
    eq(ferry.ctl("ls").rows, [])
    sid = step(alice, "link")["sessionid"]
    eq(note(step(alice, "link", "complete", sid, {"id": ident}))[:2], ("completed", "error"))

    expect_error(step(alice, "nothing"), "item-not-found")
    first = step(alice, "link")["sessionid"]
    for _ in range(5):
        last = step(alice, "link")["sessionid"]
    expect_error(step(alice, "link", "cancel", first), "bad-request", app=f"{{{NODE}}}bad-sessionid")
    eq(step(alice, "link", "cancel", last)["status"], "canceled")
