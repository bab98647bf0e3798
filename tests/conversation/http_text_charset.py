"""Plain text that is UTF-8 says so, since a browser may show it; other text does not claim it; a cut character at 4 KiB does no harm."""
from talk import *
from talk.slots import store


def run(t):
    ferry = t.ferry()
    for text, want in (("Grüße, 你好\n".encode(), "text/plain; charset=utf-8"), (b"a" + "报告".encode() * 3000 + b"\n", "text/plain; charset=utf-8"),
                       (b"plain ascii\n" * 10000, "text/plain; charset=utf-8"), ("Grüße aus Köln\n".encode("latin-1") * 9, "text/plain")):
        s = store(t, ferry, "a.txt", text)
        r = t.get(s.get)
        eq((r["Content-Type"], r.body == text), (want, True))
        eq(t.head(s.get)["Content-Type"], want)
