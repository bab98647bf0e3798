"""DELETE with the owner's delete token removes the file at once; without it nothing happens; twice does no harm."""
from talk import *
from talk.slots import store


def run(t):
    ferry = t.ferry()
    s, other = store(t, ferry, "a.txt", b"12345"), store(t, ferry, "b.txt", b"12345")
    r = t.delete(s.get)
    eq(r.status, 401)
    ok(r["WWW-Authenticate"])
    for wrong in (other.delete_token, s.delete_token[:-1], "x", "x" * 4000):
        eq(t.delete(s.get, {"Authorization": "Bearer " + wrong}).status, 403)
    eq(t.delete(s.get, {"Authorization": "Bearer "}).status, 401)
    eq(t.get(s.get).status, 200)
    eq(t.delete(s.get, {"Authorization": "Bearer " + s.delete_token}).status, 204)
    eq(t.get(s.get).status, 410)
    eq(t.delete(s.get, {"Authorization": "bearer " + s.delete_token}).status, 204)
    eq(t.get(other.get).status, 200)
    eq(t.delete(ferry.url("/f/" + "A" * 38), {"Authorization": "Bearer " + s.delete_token}).status, 404)
