"""C39: HEAD says of every state what GET says, header by header; only Date may differ."""
from talk import *
from talk.slots import BROWSER, slot, store


def run(t):
    ferry = t.ferry()
    text, big = store(t, ferry, "ä.txt", "Grüße\n".encode()), store(t, ferry, "b.bin", b"\0" * 100_000)
    empty, gone = store(t, ferry, "empty", b""), store(t, ferry, "c.txt", b"12345")
    ferry.ctl("rm", gone.id)
    fresh = slot(t, ferry, "d.txt", 5)
    once = ferry.ctl("slot", "once.txt", "5", "--once").dict
    eq(t.put(once["put"], b"12345").status, 201)
    tag = t.get(text.get)["ETag"]
    h = t.http(ferry)
    cases = [(s.get_path, extra) for s in (text, big, empty, gone, fresh) for extra in ({}, BROWSER)]
    cases += [(text.download, {}), (text.get_path, {"If-None-Match": tag}), (text.get_path, {"If-Match": '"x"'}), ("/f/" + "A" * 38, {}), ("/", {}),
              ("/livez", {}), ("/f/" + once["get"].split("/f/")[1], BROWSER), ("/f/" + once["get"].split("/f/")[1], {})]
    for path, headers in cases:
        h.request("HEAD", path, headers)
        head = h.response()
        h.request("GET", path, headers)
        get = h.response()
        eq(head.status, get.status, path)
        age = re.compile(r"max-age=\d+")
        plain = [[(n, age.sub("max-age", v)) for n, v in r.headers if n != "Date"] for r in (head, get)]
        eq(plain[0], plain[1], f"{path} {headers}")
