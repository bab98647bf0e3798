"""A PUT that a quota refuses is told which limit, how much of it is used and when there is room again: as members, as Retry-After,
and in words of the reader's language; before its body."""
from talk import *


def run(t):
    ferry = t.ferry(users=["alice"], conf={"storage.user_quota": "100000"})
    slots = [ferry.ctl("slot", f"{i}.bin", 60_000, "--from", "alice@localhost").dict["put"] for i in range(2)]
    eq(t.put(slots[0], b"a" * 60_000, {"Ferry-Expires": "1h"}).status, 201)
    h = t.http(slots[1])
    h.request("PUT", "/" + slots[1].split("/", 3)[3], {"Expect": "100-continue", "Content-Length": 60_000})
    r = h.response(interim=True)
    eq((r.status, r.json["type"]), (507, "urn:ferry:problem:quota-full"))
    eq((r.json["limit"], r.json["used"]), (100000, 60_000))
    ok(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", r.json["frees"]), r.json["frees"])
    ok(3000 < int(r["Retry-After"]) <= 3600, r["Retry-After"])
    eq(r["Content-Language"], "en")
    ok("60.0 kB" in r.json["detail"], r.json["detail"])
    r = t.put(slots[1], b"b" * 60_000, {"Accept-Language": "zh-CN"})
    eq((r.status, r["Content-Language"]), (507, "zh-Hans"))
    ok(any(c > "\u4e00" for c in r.json["detail"]), r.json["detail"])
