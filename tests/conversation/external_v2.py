"""Protocol v2 of Prosody's mod_http_upload_external, and Metronome's `token`: the type is signed too, and must be the one that is sent."""
from talk import *
from talk.external import secret_file, signed2

DATA = b"\x89PNG and so on"


def run(t):
    ferry = t.ferry(conf={"external.secret_file": secret_file(t), "external.path": "/x/files/"})
    url = ferry.url("/x/files/" + signed2("d1/cat.png", len(DATA), "image/png"))

    eq(t.put(url, DATA, {"Content-Type": "text/html"}).status, 403, "another type")
    eq(t.put(url, DATA).status, 403, "no type")
    eq(t.put(url.replace("v2=", "v="), DATA, {"Content-Type": "image/png"}).status, 403, "a v2 signature is no v")
    eq(t.put(url, DATA, {"Content-Type": "image/png"}).status, 201)
    eq(t.get(url.partition("?")[0]).body, DATA)

    url = ferry.url("/x/files/" + signed2("d2/cat.png", len(DATA), "application/octet-stream"))
    eq(t.put(url, DATA).status, 201, "signed for a client that named no type, and sends none")
    url = ferry.url("/x/files/" + signed2("d3/cat.png", len(DATA), "image/png", parameter="token"))
    eq(t.put(url, DATA, {"Content-Type": "image/png"}).status, 201, "Metronome's name of it")
