"""mod_http_upload_external of prosody-modules grants slots at Ferry, by both of its protocols and to its old namespace."""
from talk import *
from talk.external import secret_file
from talk.servers import Prosody

DATA = b"as with prosody-filer\n"


def run(t):
    ferry = t.ferry(conf={"external.secret_file": secret_file(t)})
    for protocol, parameter in (("v1", "v"), ("v2", "v2")):
        prosody = Prosody(t, ferry, users=["romeo"], module="http_upload_external", protocol=protocol)
        romeo = t.xmpp(prosody, "romeo", auth="SCRAM-SHA-1")
        put, get, headers = romeo.slot("grün & blau.txt", len(DATA), "text/plain")
        ok(f"?{parameter}=" in put and not headers, put)
        eq(t.put(put, DATA + b"x", {"Content-Type": "text/plain"}).status, 403, "another size")
        eq(t.put(put, DATA, {"Content-Type": "text/plain"}).status, 201, protocol)
        eq(t.get(get).body, DATA)
        put, get, _ = romeo.slot("old.bin", len(DATA), dialect="upload_old")
        eq(t.put(put, DATA).status, 201, "the old namespace, no type")
        eq(t.get(get).body, DATA)
        prosody.end()
