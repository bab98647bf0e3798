"""Row 3: a stanza of [limits] stanza bytes passes; the byte beyond ends the stream with policy-violation, also when it is
never closed."""
from talk import *


def run(t):
    ferry = t.ferry(users=["alice"], conf={"limits.stanza": "4K"})
    x = t.xmpp(ferry, "alice")
    head, tail = f"<message to='{x.jid}'><body>", "</body></message>"
    x.write(head + "x" * (4096 - len(head) - len(tail)) + tail)
    x.expect("message")
    x.write(head + "x" * (4097 - len(head) - len(tail)) + tail)
    x.expect_stream_error("policy-violation")
    x.expect_close(tag=True)
    x = t.xmpp(ferry, "alice")
    x.write(head + "x" * (4096 - len(head)))
    t.xmpp(ferry, "alice").end()  # somebody else is served; nothing was said to x yet
    eq(x.have("{stream}error"), [])
    x.write("x")
    x.expect_stream_error("policy-violation")
    x.expect_close(tag=True)
