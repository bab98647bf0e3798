"""XEP-0198: an h higher than what was sent, or lower than before, or no number, ends the stream."""
from talk import *


def run(t):
    ferry = t.ferry(users=["alice"])
    for h, condition in (7, "undefined-condition"), (2**32 - 1, "undefined-condition"), (0, "undefined-condition"), ("x", "bad-format"), \
            ("-1", "bad-format"), (2**32, "bad-format"), ("", "bad-format"):
        x = t.xmpp(ferry, "alice", resource="a", presence=False)
        x.sm_enable()
        x.sync()
        x.sm_ack()
        x.sync()
        x.sm_ack(h)
        e = x.expect_stream_error(condition)
        if condition == "undefined-condition":
            el = e.find("{sm}handled-count-too-high")
            eq((el["h"], int(el["send-count"]) >= 2), (str(h), True))
        x.expect_close()
