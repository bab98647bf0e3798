"""Row 40: a login after the login is a policy-violation of the stream; one while another is under way is aborted with it."""
from talk import *


def run(t):
    ferry = t.ferry(users=["alice"])
    x = t.xmpp(ferry, tls="direct").open_stream()
    x.sasl_auth("SCRAM-SHA-256")
    x.expect("{sasl}challenge")
    x.sasl_auth("PLAIN", "AGFsaWNlAHNlY3JldC1hbGljZQ==")
    x.expect("{sasl}failure/aborted")
    ok(x.sasl("PLAIN", "alice", "secret-alice").matches("{sasl}success"), "no success")
    x.open_stream().sasl_auth("PLAIN", "AGFsaWNlAHNlY3JldC1hbGljZQ==")
    x.expect_stream_error("policy-violation")
    x.expect_close()
    y = t.xmpp(ferry, "alice", resource="r")
    y.sasl_auth("PLAIN", "AGFsaWNlAHNlY3JldC1hbGljZQ==")
    y.expect_stream_error("policy-violation")
    y.expect_close()
    z = t.xmpp(ferry, "alice", tls=None, auth="iq-password")
    z.send_iq("set", "<query xmlns='jabber:iq:auth'><username>alice</username><password>secret-alice</password><resource>b</resource></query>")
    z.expect_stream_error("policy-violation")
    z.expect_close()
