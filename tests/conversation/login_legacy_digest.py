"""The old login on the legacy listener: a stream without version has a header without version and no features; get names the
fields; the digest logs in and binds; its hex may be in capitals, the user's name too."""
import hashlib

from talk import *


def run(t):
    ferry = t.ferry(users=[user("old", legacy=True), "new"])
    x = t.xmpp(ferry, listener="legacy")
    x.open_stream(version=None)
    eq(x.header.get("version"), None, "version of the header")
    fields = x.auth_get("old")
    eq([c.name for c in fields.find("query").children], ["username", "password", "digest", "resource"])
    eq(fields.text_of("query/username"), "old")
    digest = hashlib.sha1((x.stream_id + "secret-old").encode()).hexdigest().upper()
    answer = x.auth_set("OLD", digest=digest, resource="MiniClient")
    eq(answer["type"], "result")
    eq(answer.children, [])
    x.jid = "old@localhost/MiniClient"
    eq(x.iq_get("<query xmlns='jabber:iq:roster'/>")["type"], "result")
    other = t.xmpp(ferry, "new", resource="b")
    other.message("old@localhost/MiniClient", "hello")
    eq(x.expect("message").body, "hello")
    ferry.log_expect(r"login user=old@localhost mechanism=iq-auth-digest tls=none address=127")
