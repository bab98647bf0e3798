"""A client that does not wait for answers is served in order: the stream header behind <auth/>, stanzas behind the old login."""
import base64

from talk import *

HEADER = "<?xml version='1.0'?><stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' to='localhost' version='1.0'>"


def run(t):
    ferry = t.ferry(users=["alice"])
    plain = base64.b64encode(b"\0alice\0secret-alice").decode()
    for n, cut in enumerate(((lambda text: [text]), (lambda text: [text[:100], text[100:]]))):
        x = t.xmpp(ferry, tls="direct").open_stream()
        for part in cut(f"<auth xmlns='{NS['sasl']}' mechanism='PLAIN'>{plain}</auth>" + HEADER +
                        f"<iq type='set' id='b'><bind xmlns='{NS['bind']}'><resource>r{n}</resource></bind></iq><presence/>"):
            x.write(part)
        ferry.log_expect(f"bound jid=alice@localhost/r{n}")
        x.close()
    y = t.xmpp(ferry, listener="legacy")
    y.open_stream(version=None)
    y.send("<iq type='get' id='1'><query xmlns='jabber:iq:auth'><username>alice</username></query></iq>"
           "<iq type='set' id='2'><query xmlns='jabber:iq:auth'><username>alice</username><password>secret-alice</password>"
           "<resource>old</resource></query></iq><iq type='get' id='3'><query xmlns='jabber:iq:roster'/></iq><presence/>")
    for n in "123":
        eq(y.expect("iq", id=n)["type"], "result")
    y.sync()

