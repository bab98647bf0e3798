"""Row 2: comments and processing instructions end the stream with restricted-xml, an undefined entity with not-well-formed;
CDATA is text."""
from talk import *


def run(t):
    ferry = t.ferry(users=["alice"])
    for text, condition in (("<!-- x -->", "restricted-xml"), ("<?php x ?>", "restricted-xml"),
                            ("<message><!-- x --></message>", "restricted-xml"),
                            ("<message><body>&lol;</body></message>", "not-well-formed")):
        x = t.xmpp(ferry, "alice")
        x.write(text)
        x.expect_stream_error(condition)
        x.expect_close(tag=True)
    x = t.xmpp(ferry, "alice")
    x.send(f"<message to='{x.jid}'><body><![CDATA[<b>&amp;]]></body></message>")
    x.expect("message", body="<b>&amp;")
