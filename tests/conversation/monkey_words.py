"""Words and commands at random, right ones and damaged ones: each command's iq gets one answer, no file of anybody else is touched, and
the service goes on."""
import random

from talk import *

NODE = "http://jabber.org/protocol/commands"
TIME_LIMIT = 120


def run(t):
    ferry = t.ferry(users=["alice", "bob"])
    seed = t.seed()
    r = random.Random(seed)
    alice, bob = t.xmpp(ferry, "alice"), t.xmpp(ferry, "bob")
    slot = ferry.ctl("slot", "his.txt", 4, "--from", "bob@localhost").dict
    eq(t.put(slot["put"], b"1234").status, 201)
    ident = slot["get"].split("/")[4]
    words = ["list", "link", "delete", "extend", "quota", "deliver", "mute", "unmute", "takeover", "accept", "help", "列表", "删除", "延期", "x"]
    args = ["", ident, ident[:6], slot["get"], "7d", "0d", "-1d", "both", "on", "99999999999999999999", "2", "0", "-1", "%s%n", "é" * 90, "y" * 5000,
            "\u3000", "/f/" + "z" * 38, "' or 1=1 --", "A" * 38, "_" * 6]
    sids, answered = [""], []
    for i in range(400):
        word, some = r.choice(words), [r.choice(args) for _ in range(r.randrange(4))]
        if r.random() < 0.5:
            alice.message("upload.localhost", " ".join([word] + some), type=r.choice(["chat", "normal"]))
            continue
        sid, action = r.choice(sids), r.choice(["", "execute", "next", "prev", "complete", "cancel", "fly"])
        fields = "".join(f"<field var='{r.choice(['id', 'time', 'how', 'switch', 'from', 'page'])}'>" +
                         "".join(f"<value>{esc(v)}</value>" for v in r.sample(some, r.randrange(len(some) + 1))) + "</field>" for v in some)
        form = f"<x xmlns='jabber:x:data' type='{r.choice(['submit', 'submit', 'cancel', 'form'])}'>{fields}</x>" if r.random() < 0.7 else ""
        answered.append(alice.send_iq("set", f"<command xmlns='{NODE}' node='{word}'" + (f" sessionid='{sid}'" if sid else "") +
                                      (f" action='{action}'" if action else "") + f">{form}</command>", to="upload.localhost"))
        if len(answered) % 10 == 0:
            for one in answered[-10:]:
                command = alice.take("iq", id=one).find(f"{{{NODE}}}command")
                if command is not None:
                    sids = sids[-20:] + [command["sessionid"]]
            alice.have("message")
    alice.sync()
    alice.sync()
    eq(t.get(slot["get"]).body, b"1234")
    bob.expect_nothing()
