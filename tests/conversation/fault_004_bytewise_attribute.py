"""Row 4: a huge attribute that comes byte by byte costs next to nothing and ends as row 3."""
from talk import *


def run(t):
    ferry = t.ferry(users=["alice"])
    x = t.xmpp(ferry, "alice")
    x.write("<message id='")
    before = ferry.cpu_s()
    for _ in range(40):
        x.write_bytewise(b"y" * 250)
        if x.eof:
            break
    x.expect_stream_error("policy-violation")
    x.expect_close(tag=True)
    ok(ferry.cpu_s() - before < (0.5 if MODE == "plain" else 5), "too much work for a few thousand bytes")
