"""A request that was overtaken harms nothing that is stored: its upload was stored by another one, and when it brings more bytes than the
slot is for, the file stays."""
from talk import *
from talk.slots import slot


def run(t):
    ferry = t.ferry()
    s = slot(t, ferry, "a.txt", 100)
    late = t.http(ferry).request("PUT", s.put_path, {"Transfer-Encoding": "chunked", "Upload-Complete": "?1", "Expect": "100-continue"})
    eq(late.response(interim=True).status, 100)
    late.write(b"a\r\n0123456789\r\n")
    eq(t.put(s.put, b"x" * 100).status, 201)
    mark = ferry.log_mark()
    late.write(b"c8\r\n" + b"y" * 200 + b"\r\n0\r\n\r\n", quiet=True)
    eq(late.response().status, 413)
    ferry.log_expect("http PUT /u", since=mark)
    ferry.ctl("user", "ls")  # whatever it asked of the index has been done
    eq(t.get(s.get).body, b"x" * 100)
    eq(ferry.ctl("show", s.id).dict["state"], "stored")
