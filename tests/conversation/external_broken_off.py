"""A slot of another server whose upload broke off: it is PUT again, whole; where the size is in a JWT also only the rest of it. These
addresses know no PATCH: their protocols have none, and HEAD there asks for the file."""
from talk import *
from talk.external import jwt, secret_file, signed

DATA = bytes(range(256)) * 400


def broken_off(t, ferry, path, headers, at):
    h = t.http(ferry)
    h.request("PUT", path, {"Content-Length": len(DATA), "Expect": "100-continue", **headers})
    eq(h.response(interim=True).status, 100)
    mark = ferry.log_mark()
    h.write(DATA[:at])
    h.shut()
    ferry.log_expect("transfer kept", since=mark)


def run(t):
    ferry = t.ferry(conf={"external.secret_file": secret_file(t)})
    half = len(DATA) // 2
    rest = {"Content-Range": f"bytes {half}-{len(DATA) - 1}/{len(DATA)}"}

    token = jwt("one/a.bin", len(DATA))
    broken_off(t, ferry, "/upload/one/a.bin", token, half)
    url = ferry.url("/upload/one/a.bin")
    eq(t.head(url).status, 404, "there is no file yet")
    r = t.fetch("PATCH", url, {**token, "Upload-Offset": str(half), "Content-Type": "application/partial-upload"}, body=DATA[half:])
    eq(r.status, 405)
    ok("PATCH" not in r["Allow"] and "PUT" in r["Allow"], r["Allow"])
    eq(t.put(url, DATA[half:], {**token, **rest}).status, 201)
    eq(t.get(url).body, DATA)

    path = "/upload/" + signed("two/a.bin", len(DATA))
    broken_off(t, ferry, path, {}, half)
    url = ferry.url(path)
    eq(t.put(url, DATA[half:], rest).status, 403, "another size than was signed")
    eq(t.put(url, DATA).status, 201)
    eq(t.get(url).body, DATA)
