"""A client that ends its stream with a stream error is answered with the closing tag and nothing else."""
from talk import *


def run(t):
    ferry = t.ferry(users=["alice"])
    x = t.xmpp(ferry, "alice")
    x.send("<stream:error><reset xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error></stream:stream>")
    x.expect_close(tag=True)
    eq(x.have("{stream}error"), [])
    ferry.log_expect("client's stream error reset")
