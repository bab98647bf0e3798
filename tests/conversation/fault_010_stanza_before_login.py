"""Row 10: a message, presence or iq before the login ends the stream with not-authorized."""
from talk import *


def run(t):
    ferry = t.ferry(users=["alice"])
    for xml in ("<message to='alice@localhost'><body>x</body></message>", "<presence/>",
                "<iq type='get' id='1'><query xmlns='jabber:iq:roster'/></iq>",
                f"<iq type='set' id='1'><bind xmlns='{NS['bind']}'/></iq>", "<iq type='result' id='1'/>"):
        for tls in (None, "direct"):
            x = t.xmpp(ferry, tls=tls)
            x.open_stream().send(xml)
            x.expect_stream_error("not-authorized")
            x.expect_close(tag=True)
    # logged in, but without a resource
    for xml in ("<message to='alice@localhost'><body>x</body></message>", "<iq type='get' id='1'><query xmlns='jabber:iq:roster'/></iq>"):
        x = t.xmpp(ferry, tls="direct")
        x.open_stream().sasl("PLAIN", "alice", "secret-alice")
        x.open_stream().send(xml)
        x.expect_stream_error("not-authorized")
        x.expect_close()
