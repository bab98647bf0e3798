"""Who takes the one content of a Jingle session away has the session ended by Ferry (XEP-0166), be Ferry the responder or the initiator;
a content that is none of the session's is not there to be removed. Nothing is stored of a file that its sender takes back so, and a
receiver who does so has said no."""
from talk import *


def run(t):
    ferry = t.ferry(users=["alice", "bob"], conf={"offers.delivery": "transfer"})
    alice = t.xmpp(ferry, "alice")
    data = b"0123456789"

    def remove(j, name=None, reason="", creator=" creator='initiator'"):
        return j.say("content-remove", f"<content{creator} name='{name or j.content}'/>{reason}")
    for reason, why in (("", "failed-transport"), ("<reason><cancel/></reason>", "decline")):
        for begun in (False, True):
            j = alice.jingle("bob@localhost", "a.txt", data)
            j.accepted()
            if begun:
                eq(alice.ibb_open("bob@localhost", j.stream)["type"], "result")
                alice.ibb_blocks("bob@localhost", j.stream, data[:5])
            expect_error(remove(j, "another"), "item-not-found")
            expect_error(remove(j, creator=" creator='responder'"), "item-not-found")
            expect_error(j.say("content-remove"), "item-not-found")
            eq(remove(j, reason=reason)["type"], "result")
            j.ended(why)
            expect_error(j.say("session-info"), "item-not-found", app="{jingle_errors}unknown-session")
    alice.expect_nothing()
    ok(not [row for row in ferry.ctl("ls", "--json").objects if row["state"] == "stored"])

    j = alice.jingle("bob@localhost", "b.txt", data, hash=sum_xml(None))  # all of it is here: then it stays
    j.accepted()
    mark = ferry.log_mark()
    alice.ibb_open("bob@localhost", j.stream)
    alice.ibb_blocks("bob@localhost", j.stream, data)
    alice.ibb_close("bob@localhost", j.stream, wait=False)
    ferry.log_expect("open -> storing", since=mark)
    eq(remove(j, creator="")["type"], "result")
    j.checksum(data)
    j.succeeded()
    take_notice(alice, "stored")

    bob = t.xmpp(ferry, "bob", able=("jft5", "jibb", "js5b"))
    seen = bob.expect_session()
    seen.accept()
    seen.informed("candidate-error")
    expect_error(remove(seen, "another"), "item-not-found")
    eq(remove(seen)["type"], "result")
    seen.ended("decline")
    ok("b.txt" in take_link(bob, "alice@localhost")[0], "the link")
    bob.expect_nothing()
