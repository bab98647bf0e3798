"""Row 93: a name with quotes, line breaks, percent signs, bidi controls or any script makes one quoted ASCII fallback and one
RFC 8187 name, never a header; by every way in."""
from talk import *
from talk.slots import store
from urllib.parse import unquote


def run(t):
    ferry = t.ferry(ways=True)
    for name in ('say "hi"; filename=evil.exe', "50%41.txt", "报告 2026.pdf", "x‮fdp.exe", "two\r\nSet-Cookie: evil=1", "n" * 250 + ".txt", "ünïcode;.tar.gz"):
        s = store(t, ferry, name, b"12345")
        values = set()
        for way in HTTP_WAYS:
            r = t.http(ferry, way=way).request("GET", s.get_path).response()
            eq((r.status, r.body, r["Set-Cookie"], len(r.all("Content-Disposition"))), (200, b"12345", None, 1), way)
            values.add(r["Content-Disposition"])
        eq(len(values), 1, "the same by every way")
        value = values.pop()
        m = re.fullmatch(r"""(?:attachment|inline); filename="([\x20-\x7e]*)"(?:; filename\*=UTF-8''([A-Za-z0-9!#$&+.^_`|~%-]+))?""", value)
        ok(m and '"' not in m[1] and "\\" not in m[1] and "%" not in m[1], value)
        shown = unquote(m[2]) if m[2] else m[1]
        ok(not re.search(r"[\x00-\x1f\u202e]", shown), f"{shown!r} holds no control characters")
        if name.isprintable() and len(name) < 200 and "‮" not in name:
            eq(shown, name, "the saved name is the sender's")
