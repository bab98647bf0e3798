"""The receiver's message: chat, from the sender's bare JID, body equal to the link, jabber:x:oob, Stateless File Sharing with
SHA-256 and its fallback marking, a store hint; no delay stamp when he was there."""
import base64
import hashlib

from talk import *


def run(t):
    ferry = t.ferry(users=["alice", "bob"])
    alice, bob = t.xmpp(ferry, "alice"), t.xmpp(ferry, "bob", resource="here")
    data = b"GIF89a and so on"
    alice.send_file("bob@localhost/gone", "a cat.gif", data, desc="my cat", mime="image/gif")
    url, m = take_link(bob, "alice@localhost")
    eq((m["from"], m["to"], m["type"]), ("alice@localhost", bob.jid, "chat"))
    ok(url.endswith("/a%20cat.gif"), f"the name in the link: {url}")
    ident = url.split("/f/")[1].split("/")[0]
    ok(ident in m["id"], "the message's id derives from the file's")
    sfs, meta = "{urn:xmpp:sfs:0}", "{urn:xmpp:file:metadata:0}"
    file = m.find(f"{sfs}file-sharing/{meta}file")
    eq(file.text_of("name"), "a cat.gif")
    eq(file.text_of("size"), str(len(data)))
    eq(file.text_of("media-type"), "image/gif")
    eq(file.text_of("desc"), "my cat")
    eq(file.text_of("{urn:xmpp:hashes:2}hash[@algo='sha-256']"), base64.b64encode(hashlib.sha256(data).digest()).decode())
    eq(m.find(f"{sfs}file-sharing/sources/{{http://jabber.org/protocol/url-data}}url-data")["target"], url)
    ok(m.find("{urn:xmpp:fallback:0}fallback[@for='urn:xmpp:sfs:0']/body") is not None, "fallback marking")
    ok(m.find("{urn:xmpp:hints}store") is not None, "store hint")
    ok(m.find("{urn:xmpp:delay}delay") is None, "no delay")
    eq(t.get(url).body, data)
    notice = take_notice(alice, "stored")
    eq((notice["from"], notice["type"]), ("upload.localhost", "chat"))
    eq(notice.find("{ferry}transfer")["id"], ident)
    ok("a cat.gif" in notice.body and "bob@localhost" in notice.body, notice.body)
