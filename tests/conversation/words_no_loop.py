"""Nobody is drawn into an endless talk with the service: no answer to errors, headlines, room messages, empty ones and what carries a
service's own notice; words that nobody knows get the short help a few times and then silence, words that are known go on."""
from talk import *


def run(t):
    ferry = t.ferry(users=["alice"])
    alice = t.xmpp(ferry, "alice")
    for kind in ("error", "headline"):
        alice.send(f"<message to='upload.localhost' type='{kind}'><body>list</body></message>")
    alice.send("<message to='upload.localhost' type='chat'><active xmlns='http://jabber.org/protocol/chatstates'/></message>")
    alice.send("<message to='upload.localhost' type='chat'><body>  \n</body></message>")
    alice.send("<message to='upload.localhost' type='chat'><body>list</body><transfer xmlns='urn:ferry:0' state='stored'/></message>")
    alice.expect("message[@type='error']", skip=("presence",))  # the headline: refused, as ever
    alice.expect_nothing()
    echoed = "hello there"
    for _ in range(5):
        alice.message("upload.localhost", echoed)
        echoed = alice.expect("message", type="chat").body
        ok("list, link, delete" in echoed, echoed)
    alice.message("upload.localhost", echoed)
    alice.expect_nothing()
    alice.message("upload.localhost", "x" * 50_000)
    alice.expect_nothing()
    alice.message("upload.localhost", "list")
    eq(alice.expect("message").body, "You have no files.")
