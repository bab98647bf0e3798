"""Row 5: an element at depth 65, or with 65 attributes or namespaces, ends the stream with policy-violation."""
from talk import *


def run(t):
    ferry = t.ferry(users=["alice"])
    x = t.xmpp(ferry, "alice")
    x.send(f"<message to='{x.jid}'>" + "<a>" * 62 + "</a>" * 62 + "</message>")
    x.expect("message")
    for text in ("<a>" * 64, "<a " + " ".join(f"a{i}=''" for i in range(65)) + "/>",
                 "<a " + " ".join(f"xmlns:a{i}='u'" for i in range(65)) + "/>", "<a>" * 10000):
        x = t.xmpp(ferry, "alice")
        x.write(text)
        x.expect_stream_error("policy-violation")
        x.expect_close(tag=True)
