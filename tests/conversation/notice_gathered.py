"""Files that are stored at once are told a sender who is there in fewer messages than files, with an element for each."""
from talk import *


def run(t):
    ferry = t.ferry(users=["alice", "bob"])
    alice = t.xmpp(ferry, "alice")
    offers = [alice.offer("bob@localhost", f"{i}.txt", b"1234", methods=("ibb",)) for i in range(10)]
    for o in offers:
        o.accepted()
        alice.ibb_open("bob@localhost", o.sid, 4096)
        alice.ibb_data("bob@localhost", o.sid, 0, b"1234")
    alice.write("".join(f"<iq type='set' to='bob@localhost' id='c{i}'><close xmlns='http://jabber.org/protocol/ibb' sid='{o.sid}'/></iq>"
                        for i, o in enumerate(offers)).encode())
    messages, told = 0, set()
    while len(told) < 10:
        m = alice.take("message/{ferry}transfer")
        eq({e["state"] for e in m.all("{ferry}transfer")}, {"stored"})
        told |= {e["id"] for e in m.all("{ferry}transfer")}
        messages += 1
    ok(messages < 10, f"{messages} messages")
    eq(told, {o["id"] for o in ferry.ctl("ls", "--json").objects})
    t.say(f"{messages} messages")
