"""A condition that is not true keeps DELETE, the owner's wishes and uploads from happening (RFC 9110 section 13): 412, and all is as it was;
who has no right to it is told that first."""
from talk import *
from talk.slots import append, slot, store, tus_append


def run(t):
    ferry = t.ferry()
    s = store(t, ferry, "a.txt", b"0123456789")
    r = t.get(s.get)
    tag, owner, old = r["ETag"], {"Authorization": "Bearer " + s.delete_token}, "Mon, 01 Jan 2001 00:00:00 GMT"
    not_true = [{"If-Match": '"other"'}, {"If-Match": "W/" + tag}, {"If-Unmodified-Since": old}, {"If-None-Match": "*"}, {"If-None-Match": tag}]
    for wish in not_true:
        eq(t.delete(s.get, {**owner, **wish}).status, 412, wish)
        eq(t.fetch("POST", s.get, {**owner, **wish}, b"expires=1h").status, 412, wish)
        eq(t.delete(s.get, wish).status, 401)
        eq(t.delete(s.get, {"Authorization": "Bearer x", **wish}).status, 403)
    eq(t.get(s.get)["Cache-Control"], r["Cache-Control"], "it lives as long as before")
    eq(t.fetch("POST", s.get, {**owner, "If-Match": tag}, b"expires=2h").status, 200)
    eq(t.delete(s.get, {**owner, "If-Match": f'"other", {tag}', "If-None-Match": '"other"'}).status, 204)
    eq(t.delete(s.get, {**owner, "If-Match": tag}).status, 204, "again")

    u = slot(t, ferry, "b.txt", 10)
    for wish in ({"If-Match": "*"}, {"If-Match": tag}):
        h = t.http(ferry)
        h.request("PUT", u.put_path, {"Content-Length": 10, "Expect": "100-continue", **wish})
        eq(h.response(interim=True).status, 412, "before the body")
    r = append(t, u, b"0123", 0, False, **{"If-Match": tag})
    eq((r.status, r["Tus-Version"]), (412, None))
    eq(tus_append(t, u, b"0123", 0, **{"If-Match": tag}).status, 412)
    eq(t.head(u.put)["Upload-Offset"], "0", "no byte was taken")
    eq(append(t, u, b"0123", 0, False, **{"If-Match": "*"}).status, 204)
    eq(t.delete(u.put, {"If-Match": tag}).status, 412)
    eq(append(t, u, b"456789", 4, True, **{"If-None-Match": "*"}).status, 201)
    u = slot(t, ferry, "c.txt", 10)
    eq(append(t, u, b"0123", 0, False).status, 204)
    eq(t.delete(u.put, {"If-Match": "*"}).status, 204)
