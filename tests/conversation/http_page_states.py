"""The page of each state: not yet 200 with a refresh, expired and removed 410, never existed 404; programs get the statuses as problems."""
from talk import *
from talk.slots import BROWSER, drip, slot, store


def run(t):
    ferry = t.ferry()

    def state(path, page_status, status, name, words):
        page = t.get(ferry.url(path), BROWSER)
        eq(page.status, page_status, path)
        ok(words in page.text, f"{words!r} in the page")
        r = t.get(ferry.url(path))
        eq(r.status, status, path)
        eq(r["Content-Type"], "application/problem+json")
        eq((r.json["status"], r.json["type"]), (status, "urn:ferry:problem:" + name))
        ok(r.json["title"] and r.json["detail"])
        eq(r.json.get("instance"), "/f/" + path.split("/")[2] if len(path.split("/")[2]) == 38 else None)
        return page, r
    fresh = slot(t, ferry, "a.txt", 5)
    page, r = state(fresh.get_path, 200, 404, "not-yet", "has not finished yet")
    ok('http-equiv="refresh"' in page.text and r["Retry-After"])

    gone = store(t, ferry, "b.txt", b"12345")
    ferry.ctl("rm", gone.id)
    page, _ = state(gone.get_path, 410, 410, "removed", "was removed")
    ok("the operator" in page.text and "<time" in page.text, "by whom and when")

    short = store(t, ferry, "c.txt", b"12345")
    ferry.ctl("extend", short.id, "1s")
    drip(t, [], lambda: t.get(short.get).status == 410, "the file to expire")
    state(short.get_path, 410, 410, "expired", "has expired")

    state("/f/" + "A" * 38 + "/x", 404, 404, "not-found", "No file here")
    state("/f/" + fresh.id[:-1] + ("A" if fresh.id[-1] != "A" else "B") + "/x", 404, 404, "not-found", "No file here")
    state("/f/short/x", 404, 404, "not-found", "No file here")
