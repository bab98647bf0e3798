"""ejabberd's mod_http_upload with external_secret grants slots at Ferry."""
from talk import *
from talk.external import secret_file
from talk.servers import Ejabberd

DATA = b"a file that ejabberd never saw\n"
TIME_LIMIT = 150


def run(t):
    ferry = t.ferry(conf={"external.secret_file": secret_file(t)})
    ejabberd = Ejabberd(t, ferry, users=["romeo"])
    romeo = t.xmpp(ejabberd, "romeo")
    put, get, headers = romeo.slot("Grüße aus Köln (1).txt", len(DATA), "text/plain")
    ok(put.startswith(ferry.url("/upload/")) and "?v=" in put and not headers, put)
    eq(t.put(put, DATA[1:]).status, 403, "another size")
    eq(t.put(put, DATA, {"Content-Type": "text/plain"}).status, 201)
    r = t.get(get)
    eq((r.status, r.body), (200, DATA))

    slix = t.slixmpp(ejabberd, "romeo")
    path = t.write("picture.png", b"\x89PNG\r\n\x1a\n" + DATA)
    url = slix.do("upload", path=path).event("uploaded")["url"]
    eq(t.get(url).body, b"\x89PNG\r\n\x1a\n" + DATA, "what a client of its own uploaded")
    slix.quit()
