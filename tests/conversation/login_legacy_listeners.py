"""legacy_auth opens the old login on listen and listen_tls: the feature is advertised where it is in force, behind TLS only."""
from talk import *


def run(t):
    ferry = t.ferry(users=[user("old", legacy=True)], conf={"xmpp.legacy_auth": "digest"})
    feature = f"{{{NS['authf']}}}auth"
    x = t.xmpp(ferry)
    x.open_stream()
    eq(x.features.find(feature), None, "offered before TLS")
    expect_error(x.auth_get("old"), "not-acceptable", code=406)
    expect_error(x.auth_set("old", "secret-old", digest=True), "not-acceptable", code=406)
    x.starttls().open_stream()
    ok(x.features.find(feature) is not None, "not offered behind TLS")
    eq([c.name for c in x.auth_get("old").find("query").children], ["username", "digest", "resource"])
    expect_error(x.auth_set("old", "secret-old"), "not-acceptable", code=406)  # password is not in force
    eq(x.auth_set("old", "secret-old", digest=True, resource="a")["type"], "result")
    x.sync()
    y = t.xmpp(ferry, tls="direct")  # and a stream without version
    y.open_stream(version=None)
    eq(y.header.get("version"), None, "version of the header")
    eq(y.auth_set("old", "secret-old", digest=True, resource="b")["type"], "result")
    y.sync()
