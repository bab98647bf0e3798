"""However many files are stored and fetched at once: their sender hears of each that it was stored before he hears that it was fetched."""
from talk import *


def run(t):
    ferry = t.ferry(users=["alice", "bob"], conf={"limits.offers_per_user": 100})
    alice, bob = t.xmpp(ferry, "alice"), t.xmpp(ferry, "bob")
    alice.befriend(bob)
    bob.end()
    names = [f"{i}.txt" for i in range(25)]
    offers = [alice.offer("bob@localhost", name, b"1234", methods=("ibb",)) for name in names]
    h = t.http(ferry)

    def finish(some, n):
        """Stores them at once; fetches n more."""
        for o in some:
            o.accepted()
            alice.ibb_open("bob@localhost", o.sid, 4096)
            alice.ibb_data("bob@localhost", o.sid, 0, b"1234")
        alice.write("".join(f"<iq type='set' to='bob@localhost' id='c{o.sid}'><close xmlns='http://jabber.org/protocol/ibb' sid='{o.sid}'/></iq>"
                            for o in some).encode())
        for o in some:
            eq(alice.answer(f"c{o.sid}")["type"], "result")
        stored = [o["id"] for o in ferry.ctl("ls", "--state", "stored", "--json").objects]
        for one in [one for one in stored if one not in fetched][:n]:
            h.request("GET", f"/f/{one}/x")
            eq(h.response().body, b"1234")
            fetched.append(one)

    fetched = []
    finish(offers[:20], 1)
    finish(offers[20:], 24)
    ids = fetched
    heard = {"stored": set(), "fetched": set()}
    while len(heard["fetched"]) < len(ids):
        for el in alice.take("message/{ferry}transfer").all("{ferry}transfer"):
            ok(el["state"] == "stored" or el["id"] in heard["stored"], f"fetched before it was stored: {el['id']}")
            ok(el["id"] not in heard[el["state"]], "told twice")
            heard[el["state"]].add(el["id"])
    eq((heard["stored"], heard["fetched"]), (set(ids), set(ids)))
