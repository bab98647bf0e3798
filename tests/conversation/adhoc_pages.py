"""A list longer than a page is walked by next and prev, and ended by complete."""
from talk import *

NODE = "http://jabber.org/protocol/commands"


def run(t):
    ferry = t.ferry(users=["alice"])
    alice = t.xmpp(ferry, "alice")
    for i in range(23):
        eq(t.put(ferry.ctl("slot", f"{i}.txt", 1, "--from", "alice@localhost").dict["put"], b"1").status, 201)

    def step(action=None, sid=None):
        attrs = "".join(f" {k}='{v}'" for k, v in (("action", action), ("sessionid", sid)) if v)
        answer = alice.iq_set(f"<command xmlns='{NODE}' node='list'{attrs}/>", to="upload.localhost")
        return answer if answer["type"] == "error" else answer.find(f"{{{NODE}}}command")

    def names(c):
        return [re.search('"(.*)"', v.text)[1] for v in c.all("{data}x/field/value") if '"' in v.text]

    def actions(c):
        return [a.name for a in c.find("actions").children]

    c = step()
    sid, one = c["sessionid"], names(c)
    eq((len(one), actions(c)), (10, ["next", "complete"]))
    expect_error(step("prev", sid), "bad-request", app=f"{{{NODE}}}bad-action")
    c = step("next", sid)
    eq((len(names(c)), actions(c), c["sessionid"]), (10, ["prev", "next", "complete"], sid))
    two = names(c)
    c = step(None, sid)
    eq((len(names(c)), actions(c), c.find("actions")["execute"]), (3, ["prev", "complete"], "complete"))
    eq(set(one + two + names(c)), {f"{i}.txt" for i in range(23)})
    expect_error(step("next", sid), "bad-request", app=f"{{{NODE}}}bad-action")
    eq(names(step("prev", sid)), two)
    eq(step("complete", sid)["status"], "completed")
    expect_error(step("prev", sid), "bad-request", app=f"{{{NODE}}}bad-sessionid")

    alice.message("upload.localhost", "list 3")
    eq(len(alice.expect("message").body.split("\n")), 4)
    alice.message("upload.localhost", "list 2")
    ok(alice.expect("message").body.endswith("\nMore: list 3"), "the next page is named")
