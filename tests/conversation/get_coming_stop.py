"""A daemon that is told twice to stop does not wait for those who read a file along and are asleep for want of more, whoever brings it:
they get less than they were told; what a PUT brought is kept."""
import signal

from talk import *
from talk.slots import slot

SIZE = 500_000


def run(t):
    ferry = t.ferry(https=True, users=["alice", "bob"])
    s = slot(t, ferry, "a.bin", SIZE)
    sender = t.http(ferry, name="sender").request("PUT", s.put_path, {"Content-Length": SIZE, "Expect": "100-continue"})
    eq(sender.response(interim=True).status, 100)
    sender.write(b"x" * 200_000, quiet=True)
    alice = t.xmpp(ferry, "alice")
    offer = alice.offer("bob@localhost", name="b.bin", data=b"y" * SIZE)
    eq(offer.accepted("ibb"), "ibb")
    alice.ibb_open("bob@localhost", offer.sid, 4096, "iq")
    alice.ibb_blocks("bob@localhost", offer.sid, b"y" * 200_000, 4096, 8, "iq")
    [in_band] = [row for row in ferry.ctl("ls", "--json").objects if row["took"] == "si"]
    readers = []
    for path in (s.get_path, f"/f/{in_band['id']}/b.bin"):
        for tls in (False, True):
            reader = t.http(ferry, tls=tls, name="tls" if tls else "plain")
            reader.quiet = True
            reader.request("GET", path)
            reader.need_until(b"\r\n\r\n")
            reader.need(150_000)
            readers.append(reader)
    ferry.signal(signal.SIGTERM)
    ferry.log_expect("draining")
    ferry.signal(signal.SIGTERM)
    ferry.wait_exit(0)
    for reader in readers:
        t.pump(lambda r=reader: r.eof, "the end")
        ok(len(reader.inbuf) < SIZE - 150_000, "a part is no whole")
    ferry.start()
    ok(int(t.head(s.put)["Upload-Offset"]) > 150_000, "it goes on there")
