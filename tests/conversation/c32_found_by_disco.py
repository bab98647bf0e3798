"""C32: the service is found: upload.DOMAIN is the first of the domain's items, says store/file once, and is the only one that does."""
from talk import *


def run(t):
    ferry = t.ferry(users=["alice"])
    alice = t.xmpp(ferry, "alice")
    items = alice.iq_get(f"<query xmlns='{NS['items']}'/>", "localhost").find("query").all("item")
    eq([i["jid"] for i in items], ["upload.localhost", "proxy.localhost"])
    found = [jid for jid in ["localhost"] + [i["jid"] for i in items] if NS["upload"] in alice.disco_info(jid)[1]]
    eq(found, ["upload.localhost"])
    for jid, identity, feature in (("upload.localhost", ("store", "file"), NS["upload"]), ("proxy.localhost", ("proxy", "bytestreams"), NS["s5b"])):
        query = alice.iq_get(f"<query xmlns='{NS['disco']}'/>", jid).find("query")
        eq([(i["category"], i["type"]) for i in query.all("identity")], [identity])
        features = [f["var"] for f in query.all("feature")]
        ok(feature in features and len(features) == len(set(features)), f"each feature once: {features}")
