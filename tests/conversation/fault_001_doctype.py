"""Row 1: a document type or entity declaration ends the stream with restricted-xml, and costs no memory."""
from talk import *

LAUGHS = "".join(f"<!ENTITY a{i} '{('&a%d;' % (i - 1)) * 10}'>" for i in range(1, 12))


def run(t):
    ferry = t.ferry(users=["alice"])
    before = ferry.rss_kb()
    for text in ("<!DOCTYPE x [<!ENTITY a0 'ha'>" + LAUGHS + "]><x>&a11;</x>", "<?xml version='1.0'?><!DOCTYPE x>"):
        x = t.xmpp(ferry)
        x.write(text)
        x.expect_stream_error("restricted-xml")
        x.expect_close(tag=True)
    x = t.xmpp(ferry)
    x.open_stream()
    x.write("<!DOCTYPE x [<!ENTITY a 'b'>]>")
    x.expect_stream_error()
    x.expect_close(tag=True)
    if MODE == "plain":
        ok(ferry.rss_kb() - before < 1024, "memory grew")
    t.xmpp(ferry, "alice").end()
