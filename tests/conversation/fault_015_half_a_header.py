"""Row 15: connections that send half a header are closed at [limits] unauthenticated; their memory comes back."""
from talk import *


def run(t):
    ferry = t.ferry(users=["alice"], conf={"limits.unauthenticated": "1s", "limits.per_address": "0"}, mode="plain")
    fds = ferry.fds()
    idle = [t.xmpp(ferry, name=f"half{i}") for i in range(300)]
    before = ferry.rss_kb()
    for x in idle:
        x.write("<?xml version='1.0'?><stream:stream xmlns='jabber:client' to='local")
    t.xmpp(ferry, "alice").end()
    ok(ferry.rss_kb() - before < 300 * 16, "more than 16 KiB each")
    for x in idle:
        x.expect_stream_error("connection-timeout")
        x.expect_close(tag=True)
        x.close()
    t.xmpp(ferry, "alice").end()
    t.pump(lambda: ferry.fds() <= fds + 2, "their descriptors to be closed")
