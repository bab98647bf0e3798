"""XEP-0363 is found by disco: upload.DOMAIN among the items, identity store/file, feature, max-file-size above the limit (C31, C32), and what is published is taken."""
from talk import *


def run(t):
    ferry = t.ferry(users=["alice"], conf={"storage.max_file_size": "1M"})
    alice = t.xmpp(ferry, "alice")
    items = str(alice.disco_items("localhost"))
    ok("upload.localhost" in items and "proxy.localhost" in items, items)
    identities, features = alice.disco_info("upload.localhost")
    ok("store/file" in identities, identities)
    ok("urn:xmpp:http:upload:0" in features, features)
    el = alice.iq_get(f"<query xmlns='{NS['disco']}'/>", "upload.localhost")
    form = "query/{data}x[@type='result']/field"
    eq(el.text_of(form + "[@var='FORM_TYPE']/value"), "urn:xmpp:http:upload:0")
    eq(el.text_of(form + "[@var='max-file-size']/value"), str(1048576 + 1024))
    put, get, _ = alice.slot("edge.bin", 1048576 + 1024)
    eq(t.put(put, b"e" * (1048576 + 1024)).status, 201)
    expect_error(alice.slot_answer("beyond.bin", 1048576 + 1025), "not-acceptable", app="{upload}file-too-large")
    identities, features = alice.disco_info("proxy.localhost")
    ok("proxy/bytestreams" in identities and NS["s5b"] in features, (identities, features))
