"""A slot that Prosody's mod_http_upload_external or ejabberd signed (?v=) is uploaded into and fetched under the same address: exact
size, one file for ever, nothing without the right signature."""
from talk import *
from talk.external import secret_file, signed

DATA = b"hello from another server\n"


def run(t):
    ferry = t.ferry(conf={"external.secret_file": secret_file(t)})
    path = "8a4c1d/summer plan ü.txt"
    url = ferry.url("/upload/" + signed(path, len(DATA)))
    where = url.partition("?")[0]

    eq(t.get(where).status, 404, "before the upload")
    for bad, why in ((where, "nothing signed"), (url[:-1] + "x", "a changed signature"), (url[:-1], "a short one"),
                     (ferry.url("/upload/" + signed(path, len(DATA), secret="another")), "another secret"),
                     (url.replace("summer", "winter"), "another path"), (where + "?v=", "an empty one")):
        eq(t.put(bad, DATA).status, 403, why)
    eq(t.put(url, DATA[:-1]).status, 403, "a size that was not signed")
    h = t.http(url).request("PUT", url.split("/", 3)[3].join(("/", "")), {"Transfer-Encoding": "chunked"})
    h.expect_status(411)

    r = t.put(url, DATA)
    eq(r.status, 201)
    eq(r["Location"], "/" + where.split("/", 3)[3], "Location")
    eq(r.text, where + "\n", "the body names the address")
    r = t.get(where)
    eq((r.status, r.body, r["Content-Type"]), (200, DATA, "text/plain; charset=utf-8"))
    ok("summer%20plan%20%C3%BC.txt" in r["Content-Disposition"], r["Content-Disposition"])
    eq(t.get(where, {"Range": "bytes=6-9"}).body, b"from")
    eq(t.head(where)["Content-Length"], str(len(DATA)))
    ok(b"<html" in t.get(where, {"Accept": "text/html"}).body, "a browser gets the page")

    eq(t.put(url, DATA[::-1]).status, 409, "another file at the same place")
    eq(t.get(where).body, DATA)
    row = dict(zip(("id",), ferry.ctl("ls").rows[-1]))
    eq(t.get(ferry.url(f"/f/{row['id']}/x")).body, DATA, "the same file by its id")
