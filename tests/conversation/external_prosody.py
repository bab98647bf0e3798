"""Prosody's own mod_http_file_share grants a slot at Ferry: its client uploads and everybody fetches, and the file is its user's."""
from talk import *
from talk.external import secret_file
from talk.servers import Prosody

DATA = b"a file that Prosody never saw\n"


def run(t):
    ferry = t.ferry(conf={"external.secret_file": secret_file(t)})
    prosody = Prosody(t, ferry, users=["romeo"])
    romeo = t.xmpp(prosody, "romeo", auth="SCRAM-SHA-1")
    put, get, headers = romeo.slot("Grüße aus Köln (1).txt", len(DATA), "text/plain")
    ok(put.startswith(ferry.url("/upload/")), put)
    eq(t.put(put, DATA[1:], headers).status, 400, "another size")
    r = t.put(put, DATA, {**headers, "Content-Type": "text/plain"})
    eq((r.status, ferry.url(r["Location"])), (201, get))
    r = t.get(get)
    eq((r.status, r.body), (200, DATA))
    ok("Gr%C3%BC%C3%9Fe%20aus%20K%C3%B6ln%20%281%29.txt" in r["Content-Disposition"], r["Content-Disposition"])
    eq(ferry.ctl("show", ferry.ctl("ls").rows[-1][0]).dict["from"], "romeo@localhost")

    slix = t.slixmpp(prosody, "romeo")
    path = t.write("picture.png", b"\x89PNG\r\n\x1a\n" + DATA)
    url = slix.do("upload", path=path).event("uploaded")["url"]
    eq(t.get(url).body, b"\x89PNG\r\n\x1a\n" + DATA, "what a client of its own uploaded")
    slix.quit()
