"""C32: the service is found: upload.DOMAIN is the first of the domain's items, says store/file once, and is the only one that does."""
from talk import *


def run(t):
    ferry = t.ferry(users=["alice"])
    alice = t.xmpp(ferry, "alice")
    items = alice.iq_get(f"<query xmlns='{NS['items']}'/>", "localhost").find("query").all("item")
    eq([i["jid"] for i in items], ["upload.localhost", "proxy.localhost"])
    found = [jid for jid in ["localhost"] + [i["jid"] for i in items] if NS["upload"] in alice.disco_info(jid)[1]]
    eq(found, ["upload.localhost"])
    query = alice.iq_get(f"<query xmlns='{NS['disco']}'/>", "upload.localhost").find("query")
    eq([(i["category"], i["type"]) for i in query.all("identity")], [("store", "file")])
    features = [f["var"] for f in query.all("feature")]
    eq(len(features), len(set(features)), "each feature once")
    identities, features = alice.disco_info("proxy.localhost")
    ok("proxy/bytestreams" in identities and NS["s5b"] in features, (identities, features))
