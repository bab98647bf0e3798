"""Nobody is there: Ferry accepts a Jingle offer of either version from exactly the address asked, takes the bytes in band, says
that it has received them when they are stored, and ends the session; the receiver finds a link to equal bytes."""
import os

from talk import *


def run(t):
    ferry = t.ferry(users=["alice", "bob"])
    alice = t.xmpp(ferry, "alice")
    for to, version, hash in (("bob@localhost", 5, True), ("bob@localhost/gone", 4, None), ("Bob@LOCALHOST/", 5, sum_xml(None))):
        data = os.urandom(60_000)
        j = alice.jingle(to, f"photo {version}.jpg", data, version=version, hash=hash, file_extra="<media-type>image/jpeg</media-type>")
        eq(j.accepted()["block-size"], "4096")
        if hash and hash is not True:
            j.checksum(data)
        alice.ibb_send(to, j.stream, data)
        j.succeeded()
        take_notice(alice, "stored")
        bob = t.xmpp(ferry, "bob")
        url, message = take_link(bob, "alice@localhost")
        eq(sha256(t.get(url).body), sha256(data))
        bob.end()
        expect_error(j.say("session-info"), "item-not-found", app="{jingle_errors}unknown-session")
    eq([row["took"] for row in ferry.ctl("ls", "--json").objects], ["jingle"] * 3)
    _, features = alice.disco_info(alice.bare)
    ok({NS["jingle"], NS["jft5"], NS["jft"] + "4", NS["jibb"], NS["js5b"]} <= set(features), features)
