"""Conditional requests: If-None-Match before If-Modified-Since, 304 with the validators, 412, If-Range by tag and by date."""
from talk import *
from talk.slots import store


def run(t):
    ferry = t.ferry()
    s = store(t, ferry, "a.txt", b"0123456789")
    first = t.get(s.get)
    tag, date = first["ETag"], first["Last-Modified"]
    old, future = "Mon, 01 Jan 2001 00:00:00 GMT", "Fri, 01 Jan 2038 00:00:00 GMT"

    def ask(status, **headers):
        r = t.get(s.get, {k.replace("_", "-"): v for k, v in headers.items()})
        eq(r.status, status, f"{headers}")
        return r
    r = ask(304, If_None_Match=tag)
    eq((r.body, r["ETag"]), (b"", tag))
    ok(r["Cache-Control"] and r["Vary"], "304 carries what 200 would")
    ask(304, If_None_Match=f'"other", W/{tag}')
    ask(304, If_None_Match="*")
    ask(200, If_None_Match='"other"')
    ask(200, If_None_Match='"other"', If_Modified_Since=date)
    ask(304, If_Modified_Since=date)
    ask(304, If_Modified_Since=future)
    ask(200, If_Modified_Since=old)
    ask(304, If_Modified_Since="Friday, 01-Jan-38 00:00:00 GMT")
    ask(304, If_Modified_Since="Fri Jan  1 00:00:00 2038")
    ask(412, If_Unmodified_Since="Mon Jan  1 00:00:00 2001")
    ask(200, If_Modified_Since="rubbish")
    ask(200, If_Match=tag)
    ask(412, If_Match='"other"')
    ask(412, If_Match=f"W/{tag}")
    ask(412, If_Unmodified_Since=old)
    ask(200, If_Unmodified_Since=date)
    eq(ask(206, Range="bytes=0-3", If_Range=tag).body, b"0123")
    eq(ask(206, Range="bytes=0-3", If_Range=date).body, b"0123")
    for stale in ('"other"', f"W/{tag}", old, "rubbish"):
        eq(ask(200, Range="bytes=0-3", If_Range=stale).body, b"0123456789")
    eq(t.head(s.get, {"If-None-Match": tag}).status, 304)
