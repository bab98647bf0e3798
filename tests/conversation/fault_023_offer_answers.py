"""Row 23: an answer to an offer counts only from the resource it went to: a third party's guess does not speak for the address
asked, and of two answers the sender sees one."""
from talk import *


def run(t):
    ferry = t.ferry(users=["alice", "bob", "carol"])
    alice, bob, carol = t.xmpp(ferry, "alice"), t.xmpp(ferry, "bob"), t.xmpp(ferry, "carol")
    for to in ("bob@localhost", bob.jid):
        offer = alice.offer(to, "a.txt", b"1234", methods=("ibb",))
        seen = bob.expect_offer()
        carol.send(f"<iq type='result' id='{offer.uid}' to='{alice.jid}'><si xmlns='{NS['si']}'/></iq>")
        carol.sync()
        for el in alice.have("iq[@type='result']"):
            ok(el["from"] != to, "a stranger's answer came from the address asked")
        seen.accept("ibb")
        seen.decline()
        bob.sync()
        alice.sync()
        answers = [el for el in alice.have("iq") if el["id"] == offer.uid and el["from"] in (to, bob.jid)]
        eq(len(answers), 1, "answers to one iq")
        eq((answers[0]["from"], answers[0]["type"]), (to, "result"))
