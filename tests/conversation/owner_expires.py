"""The owner, who has the delete token, extends or cuts how long his file is kept; nobody else does; what is dead stays dead."""
import calendar
import time

from talk import *
from talk.slots import store


def wall(text):
    return calendar.timegm(time.strptime(text, "%Y-%m-%dT%H:%M:%SZ"))


def run(t):
    ferry = t.ferry(conf={"storage.expire_after": "30d"})
    s, other = store(t, ferry, "a.txt", b"12345"), store(t, ferry, "b.txt", b"12345")
    shown = ferry.ctl("show", s.id).dict
    eq(shown["delete_token"], s.delete_token, "the operator can tell it")
    right = {"Authorization": "Bearer " + s.delete_token, "Content-Type": "application/x-www-form-urlencoded"}

    def ask(body, headers=right, status=200):
        r = t.fetch("POST", s.get, headers, body.encode())
        eq(r.status, status, body)
        eq(r["Access-Control-Allow-Origin"], "*")
        return r
    r = ask("expires=2d")
    ok(abs(wall(r.json["expires"]) - time.time() - 2 * 86400) < 60, r.json)
    eq((r.json["id"], r["Content-Type"], r["Cache-Control"]), (s.id, "application/json", "no-store"))
    eq(ferry.ctl("show", s.id).dict["expires"], r.json["expires"])
    date = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 86400))
    eq(ask("expires=" + date.replace(":", "%3A")).json["expires"], date)
    far = wall(ask("expires=900d").json["expires"])
    ok(abs(far - time.time() - 30 * 86400) < 60, "never longer than the site keeps a file")
    for wrong in ("", "expires=", "expires=soon", "expires=-3d", "expires=0", "expires=2001-01-01T00:00:00Z", "expires=99999999999999999999d", "x=1", "=%zz&expires"):
        ask(wrong, status=400)
    for token in (other.delete_token, s.delete_token[:-1], "x", "x" * 4000):
        ask("expires=1d", {**right, "Authorization": "Bearer " + token}, 403)
    ask("expires=1d", {**right, "Authorization": "Bearer "}, 401)
    ask("expires=1d", {**right, "Authorization": "Basic eA=="}, 401)
    ask("expires=1d", {"Content-Type": right["Content-Type"]}, 401)
    eq(wall(ferry.ctl("show", s.id).dict["expires"]), far, "unchanged")
    eq(t.get(s.get).body, b"12345")
    ask("expires=1s")
    t.pump(lambda: t.get(s.get).status == 410, "its end")
    ask("expires=1d", status=410)
    eq(t.delete(other.get, {"Authorization": "Bearer " + other.delete_token}).status, 204)
    eq(t.fetch("POST", other.get, {**right, "Authorization": "Bearer " + other.delete_token}, b"expires=1d").status, 410)
