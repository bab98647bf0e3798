"""Killed in the middle of streams to one who is there and to Ferry: what was volatile is refused cleanly afterwards. Blocks and closes of a
forgotten sid, words of a forgotten Jingle session and an activation are item-not-found, streams that begin now are not-acceptable (no
client tries those again in another way), all of it from exactly the address that was asked; the senders of what Ferry had taken are told,
once, that it was not stored, and the same can be offered again at once. Nothing stays behind."""
from talk import *

TIME_LIMIT = 120


def run(t):
    for conf in ({"offers.copy": "off"}, {"offers.copy": "on"}):
        ferry = t.ferry(users=["alice", "bob", "carol"], conf=conf)
        alice = t.xmpp(ferry, "alice", resource="desk")
        bob = t.xmpp(ferry, "bob", resource="home")
        data, taken = b"0123456789" * 100, {}

        for to in ("bob@localhost", "Carol@localhost/"):  # in band: to bob, who is there, and to Ferry
            offer = alice.offer(to, "a.bin", data, methods=("ibb",))
            if to == "bob@localhost":
                bob.expect_offer().accept("ibb")
            offer.accepted("ibb")
            uid = alice.ibb_open(to, offer.sid, wait=False)
            if to == "bob@localhost":
                bob.result(bob.take("iq/{ibb}open"))
            eq(alice.answer(uid, to)["type"], "result")
            uid = alice.ibb_data(to, offer.sid, 0, data[:500])
            if to == "bob@localhost":
                bob.result(bob.take("iq/{ibb}data"))
            eq(alice.answer(uid, to)["type"], "result")
            taken[to] = offer.sid

        target, requester, relayed = alice.relay_to(bob, data)  # through our proxy to bob, and to Ferry
        requester.write(data[:500])
        target.need(500)
        proxied = alice.offer("carol@localhost", "b.bin", data, methods=("s5b",))
        proxied.accepted("s5b")
        wire = alice.proxy_send(proxied.to, proxied.sid, data[:500], close=False)

        j = alice.jingle("carol@LOCALHOST", "c.bin", data)
        j.accepted()
        alice.ibb_open(j.to, j.stream)
        eq(alice.answer(alice.ibb_data(j.to, j.stream, 0, data[:500]), j.to)["type"], "result")

        ferry.restart(kill=True)
        for w in (target, requester, wire):
            w.expect_eof()
        eq([f for f in ferry.spool_files() if f.startswith("tmp/")], [], "files of what was killed")
        alice = t.xmpp(ferry, "alice", resource="desk")
        told = ["a.bin", "b.bin", "c.bin"] + (["a.bin"] * 2 if conf["offers.copy"] == "on" else [])  # with the copies of what was bob's
        eq(sorted(take_notice(alice, "failed").find("body").text.split('"')[1] for _ in told), sorted(told))
        alice.expect_nothing()
        for to, sid in taken.items():
            expect_error(alice.answer(alice.ibb_data(to, sid, 1, data[500:]), to), "item-not-found")
            expect_error(alice.ibb_close(to, sid), "item-not-found")
        expect_error(alice.answer(alice.ibb_data(j.to, j.stream, 1, data[500:]), j.to), "item-not-found")
        j.xmpp = alice
        expect_error(j.say("session-info", ""), "item-not-found", app="{jingle_errors}unknown-session")
        expect_error(j.terminate("success"), "item-not-found", app="{jingle_errors}unknown-session")
        expect_error(alice.activate(relayed.sid, bob.jid), "item-not-found")
        for to in taken:  # a stream of an offer that was accepted before
            expect_error(alice.ibb_open(to, relayed.sid), "not-acceptable")
            expect_error(alice.answer(alice.s5b_query(to, proxied.sid, [("proxy.localhost", "127.0.0.1", 7777)]), to), "not-acceptable")
        for to, sid in taken.items():
            alice.offer(to, "a.bin", data, methods=("ibb",), sid=sid).accepted("ibb")
            alice.ibb_send(to, sid, data)
            take_notice(alice, "stored")
        ferry.stop()
