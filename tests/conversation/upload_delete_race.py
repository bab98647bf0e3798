"""DELETE of an upload's address and the upload itself at once, and the DELETE said again because its answer was lost: it is one or the
other. Either the file is stored whole, the DELETE is 409 and says so again, or nothing is left, the upload is refused and the
repeated DELETE has nothing more to do. The user's figures are those of what is stored."""
import os

from talk import *
from talk.slots import slot

SIZE = 100_000


def run(t):
    ferry = t.ferry(users=["alice"])
    stored = 0
    for sent in (0, SIZE // 2, SIZE - 1, SIZE, SIZE, SIZE, SIZE):
        data = os.urandom(SIZE)
        s = slot(t, ferry, "a.bin", SIZE)
        put, gone = t.http(ferry, name="put"), t.http(ferry, name="delete")
        put.request("PUT", s.put_path, {"Expect": "100-continue", "Content-Length": SIZE})
        eq(put.response(interim=True).status, 100)
        put.write(data[:sent], quiet=True)
        gone.request("DELETE", s.put_path)
        first = gone.response().status
        again = t.delete(s.put).status
        put.write(data[sent:], quiet=True)
        answer = put.response().status
        if answer == 201:
            eq((first, again), (409, 409))
            eq(t.get(s.get).body, data)
            stored += 1
        else:
            eq((first, again, answer), (204, 410, 410))
            eq((t.get(s.get).status, t.put(s.put, data).status, t.delete(s.put).status), (410, 410, 410))
        eq(sent == SIZE or answer == 410, True, "half a file was removed for sure")
    ok(ferry.ctl("status").dict["files"] == str(stored), "what is stored")
    eq(ferry.ctl("fsck").code, 0)
