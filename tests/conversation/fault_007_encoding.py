"""Row 7: a byte order mark of UTF-16 or another declared encoding ends the stream with unsupported-encoding."""
from talk import *


def run(t):
    ferry = t.ferry()
    header = "<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' to='localhost'>"
    for data in (b"\xfe\xff\0<\0s", header.encode("utf-16"), header.encode("utf-16-le"),
                 b"<?xml version='1.0' encoding='ISO-8859-1'?>" + header.encode()):
        x = t.xmpp(ferry)
        x.write(data)
        x.expect_stream_error("unsupported-encoding")
        x.expect_close(tag=True)
    x = t.xmpp(ferry)
    x.write(b"<?xml version='1.0' encoding='utf-8'?>" + header.encode())
    t.pump(lambda: x.stream_open, "a header")
