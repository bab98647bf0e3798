"""C36: links are ASCII whatever the file and the host are called: names percent-encoded with their extension kept, the host in its IDNA form,
https where public_url says so; and the host is answered under that name."""
import urllib.parse

from talk import *


def run(t):
    ferry = t.ferry(users=["alice"])
    port = ferry.address("http")[1]
    ferry.stop()
    ferry.write_conf(**{"http.public_url": "https://b\u00fccher.example/"})
    ferry.start()
    alice = t.xmpp(ferry, "alice")
    host, base = "xn--bcher-kva.example", "https://xn--bcher-kva.example/"
    for name, wanted in (("tr\u00e8s cool.jpg", "tr%C3%A8s%20cool.jpg"), ("a+b?c#d%20&'e.tar.gz", None), ("\u6587\u4ef6.PNG", None),
                         ("\u202egpj.exe", None), (".profile", None), ("n" * 1000 + ".jpeg", None)):
        put, get, _ = alice.slot(name, 3)
        for link in (put, get):
            ok(link.startswith(base), link)
            ok(re.fullmatch(r"[A-Za-z0-9._~:/%+!$&'()*,;=@-]+", link), f"RFC 3986: {link}")
            last = urllib.parse.unquote(link.rsplit("/", 1)[1])
            ok(last, f"a name in {link}")
            if "." in name.lstrip("."):
                ok(last.endswith("." + name.rsplit(".", 1)[1]), f"the extension of {short(name)} in {link}")
            if wanted:
                eq(link.rsplit("/", 1)[1], wanted)
        for method, link, body, status in (("PUT", put, b"abc", 201), ("GET", get, b"", 200)):
            h = t.http(f"http://127.0.0.1:{port}")
            h.request(method, "/" + link.split("/", 3)[3], {"Host": host}, body)
            eq(h.response().status, status, f"{method} by {host}")
