"""No is no: every refusal that does not say that the client cannot reaches the sender as it is, and Ferry takes nothing."""
from talk import *

NO = [("forbidden", "cancel", 403), ("forbidden", "auth", None), ("not-allowed", "cancel", 405), ("bad-request", "modify", 400),
      ("item-not-found", "cancel", 404), ("resource-constraint", "wait", 500), ("forbidden", "cancel", 501)]


def run(t):
    ferry = t.ferry(users=["alice", "bob"])
    alice, bob = t.xmpp(ferry, "alice"), t.xmpp(ferry, "bob")
    for condition, type, code in NO:
        offer = alice.offer("bob@localhost", "a.txt", b"1234")
        bob.expect_offer().decline(condition, type, code)
        offer.refused(condition, type=type)
        expect_error(alice.ibb_open("bob@localhost", offer.sid), "not-acceptable")
    for code in (403, 400, 404):
        offer = alice.offer("bob@localhost", "a.txt", b"1234")
        el = bob.expect_offer().el
        bob.send(f"<iq type='error' id='{el['id']}' to='{el['from']}'><error code='{code}'/></iq>")
        got = offer.answer()
        eq((got["type"], got.find("error")["code"]), ("error", str(code)))
    ok(not bob.have("message"), "a file came all the same")
    eq(ferry.ctl("ls").rows, [])
