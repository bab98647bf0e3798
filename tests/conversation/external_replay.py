"""A slot of another server that was used is judged like one of ours: an equal upload again is 201, another one 409 for ever, two at once
are one file, one that broke off may be tried again, and what went stays gone, over a restart too."""
from talk import *
from talk.external import jwt, secret_file, signed

DATA = b"0123456789" * 1000


def run(t):
    ferry = t.ferry(conf={"external.secret_file": secret_file(t)})
    url = ferry.url("/upload/" + signed("d/a.txt", len(DATA)))
    path = "/" + url.split("/", 3)[3]
    where = url.partition("?")[0]

    h = t.http(ferry).request("PUT", path, {"Content-Length": len(DATA)})
    h.write(DATA[:5000])
    ferry.log_expect("claimed attempt=1")
    h.abort()
    ferry.log_expect("http PUT /upload aborted")
    eq(t.head(where).status, 404, "half a file is none")

    two = [t.http(ferry, name=f"put{i}").request("PUT", path, {"Content-Length": len(DATA), "Expect": "100-continue"}) for i in range(2)]
    for h in two:
        h.write(DATA)
    statuses = sorted(h.response().status for h in two)
    ok(statuses in ([201, 409], [201, 201]), f"two at once: {statuses}")
    eq(t.get(where).body, DATA)

    ferry.restart(kill=True)
    eq(t.put(url, DATA).status, 201, "the same again")
    eq(t.put(url, DATA[::-1]).status, 409, "another file of that length")
    eq(t.get(where).body, DATA)
    name = ferry.ctl("ls").rows[-1][0]
    ferry.ctl("rm", name)
    eq(t.put(url, DATA).status, 410)
    eq(t.get(where).status, 410)
    eq(t.put(ferry.url("/upload/d/a.txt"), DATA, jwt("d/a.txt", len(DATA))).status, 410, "the same place by another signature")
