"""A file that comes over XMPP can be fetched while it comes, too; stopping the daemon in the middle ends the reader, not the stop."""
import os
import signal

from talk import *


def run(t):
    ferry = t.ferry(users=["alice", "bob"])
    alice = t.xmpp(ferry, "alice")
    data = os.urandom(327_680)  # the server writes 64 KiB at a time

    def half(name):
        offer = alice.offer("bob@localhost", name=name, data=data)
        eq(offer.accepted("ibb"), "ibb")
        alice.ibb_open("bob@localhost", offer.sid, 4096, "iq")
        alice.ibb_blocks("bob@localhost", offer.sid, data[:163_840], 4096, 4, "iq")
        [row] = [r for r in ferry.ctl("ls", "--json").objects if r["name"] == name]
        reader = t.http(ferry, name=name)
        reader.request("GET", f"/f/{row['id']}/{name}")
        ok(b" 200 " in reader.need_until(b"\r\n\r\n"), "under way")
        eq(reader.need(131_072), data[:131_072])
        return offer, reader
    offer, reader = half("a.bin")
    alice.ibb_blocks("bob@localhost", offer.sid, data[163_840:], 4096, 4, "iq", seq=40)
    alice.ibb_close("bob@localhost", offer.sid)
    eq(reader.need(196_608), data[131_072:])
    _, reader = half("b.bin")
    ferry.signal(signal.SIGTERM)
    ferry.log_expect("draining")  # as long as there is a reader
    ferry.signal(signal.SIGTERM)
    ferry.wait_exit(0)
    ok(len(reader.read_all()) < 196_608, "never the whole")
