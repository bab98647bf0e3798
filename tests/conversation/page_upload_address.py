"""Who opens the address of an upload in a browser is told, in his language, that it is the other link he wants; the slot is as good as
before. Programs get 405 and what is allowed."""
from talk import *
from talk.slots import BROWSER, slot


def run(t):
    ferry = t.ferry()
    s = slot(t, ferry, "a.txt", 5)
    for headers, words in ((BROWSER, "open the other link"), ({**BROWSER, "Accept-Language": "zh-CN"}, "请打开下载链接")):
        page = t.get(s.put, headers)
        eq(page.status, 405)
        ok(words in page.text, page.text)
        ok("PUT" in page["Allow"].split(", "))
    r = t.get(s.put)
    eq((r.status, r["Content-Type"]), (405, "application/problem+json"))
    ok("other link" not in r.json["detail"], r.json)
    eq(t.put(s.put, b"12345").status, 201)
    eq(t.get(s.put, BROWSER).status, 405)
    eq(t.get(s.get).body, b"12345")
