"""Who put a file into another server's slot has an owner's rights at its address: POST chooses its expiry, DELETE removes it, and a
one-time link (Ferry-Once) shows a page whose button spends it."""
from talk import *
from talk.external import secret_file, signed
from talk.slots import BROWSER


def run(t):
    ferry = t.ferry(conf={"external.secret_file": secret_file(t)})
    url = ferry.url("/upload/" + signed("d/a.txt", 5))
    where = url.partition("?")[0]
    token = {"Authorization": "Bearer " + t.put(url, b"hello")["Ferry-Delete"]}
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    eq(t.fetch("POST", where, form, b"expires=1h").status, 401)
    eq(t.fetch("POST", where, {**form, **token}, b"expires=1h").status, 200)
    ok(int(re.search(r"max-age=(\d+)", t.get(where)["Cache-Control"])[1]) <= 3600, "an hour")
    eq(t.delete(where, token).status, 204)

    url = ferry.url("/upload/" + signed("d/b.txt", 5))
    where = url.partition("?")[0]
    eq(t.put(url, b"hello", {"Ferry-Once": "?1"}).status, 201)
    ok('<form method="post">' in t.get(where, BROWSER).text, "a button that posts to this address")
    eq(t.fetch("POST", where, {**form, "Sec-Fetch-Site": "same-origin"}).body, b"hello")
    t.pump(lambda: t.get(where).status == 410, "it to be spent")
