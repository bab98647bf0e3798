"""The token of Prosody's mod_http_file_share: its user owns the file, its size and type are exact, its exp is when the upload must have
begun, its expires when the file goes; nothing that is not signed with HS256 and this secret is taken."""
import re
import time

from talk import *
from talk.external import jwt, secret_file

DATA = b"from verona\n"


def run(t):
    ferry = t.ferry(conf={"external.secret_file": secret_file(t)})
    path = "AbCd-ef_123/a b.txt"
    url = ferry.url("/upload/AbCd-ef_123/a%20b.txt")

    eq(t.put(url, DATA).status, 403, "no token")
    for bad, why in ((jwt(path, len(DATA), secret="another"), "another secret"),
                     (jwt(path, len(DATA), head={"alg": "none"}), "no algorithm"),
                     (jwt(path, len(DATA), head={"alg": "HS512"}), "another algorithm"),
                     (jwt(path, len(DATA), exp=int(time.time()) - 5), "too late"),
                     (jwt(path, len(DATA), exp=None), "without an end"),
                     (jwt(path, len(DATA), expires=int(time.time()) - 5), "for a file that has gone already"),
                     (jwt(path, len(DATA), slot="other"), "another slot"),
                     (jwt(path, len(DATA), filename="c.txt"), "another name"),
                     (jwt(path, len(DATA), sub="@@"), "no address"),
                     (jwt(path, len(DATA), filesize="12"), "a size that is no number"),
                     ({"Authorization": "Bearer a.b.c"}, "no token at all"),
                     ({"Authorization": "Basic YTpi"}, "no bearer")):
        eq(t.put(url, DATA, bad).status, 403, why)
    eq(t.put(url, DATA + b"x", jwt(path, len(DATA))).status, 413, "larger than was signed")
    eq(t.put(url, DATA[1:], jwt(path, len(DATA))).status, 400, "smaller")
    eq(t.put(url, DATA, {**jwt(path, len(DATA)), "Content-Type": "text/html"}).status, 400, "another type")

    token = jwt(path, len(DATA), expires=int(time.time()) + 3600)
    r = t.put(url, DATA, {**token, "Content-Type": "text/plain"})
    eq(r.status, 201)
    eq(t.get(url).body, DATA)
    eq(t.put(url, DATA[::-1], token).status, 409, "another file at the same place")

    shown = ferry.ctl("show", ferry.ctl("ls").rows[-1][0]).dict
    eq(shown["from"], "romeo@montague.lit")
    left = int(re.search(r"max-age=(\d+)", t.get(url)["Cache-Control"])[1])
    ok(3000 <= left <= 3600, f"it lives as long as the other server said: {left}")

    eq(t.delete(url, {"Authorization": "Bearer x"}).status, 403)
    eq(t.delete(url, {"Authorization": f"Bearer {r['Ferry-Delete']}"}).status, 204)
    eq(t.get(url).status, 410)
    eq(t.put(url, DATA, token).status, 410, "removed is removed")
