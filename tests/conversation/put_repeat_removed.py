"""A stored file is removed while the same bytes come again to be compared with it, or it expires meanwhile: the repeated PUT says so when the
last of them is there, in the words of a PUT after that, and stores nothing."""
from talk import *
from talk.slots import store


def run(t):
    ferry = t.ferry()
    data = bytes(range(256)) * 300
    for how in ("by its owner", "by the operator", "by its time"):
        s = store(t, ferry, "again.bin", data)
        h = t.http(ferry)
        h.request("PUT", s.put_path, {"Expect": "100-continue", "Content-Length": len(data)})
        eq(h.response(interim=True).status, 100, "the body has to tell")
        h.write(data[:-1])
        if how == "by its owner":
            eq(t.delete(s.get, {"Authorization": f"Bearer {s.delete_token}"}).status, 204)
        elif how == "by the operator":
            ferry.ctl("rm", s.id)
        else:
            ferry.ctl("extend", s.id, "1s")
            ferry.log_expect(s.id[:12] + " transfer stored -> expired")
        h.write(data[-1:])
        r = h.response()
        eq(r.status, 410, how)
        eq(r.json["type"], t.put(s.put, data).json["type"], how)
    eq(ferry.ctl("status").dict["files"], "0")
    t.pump(lambda: not ferry.spool_files("tmp/*") + ferry.spool_files("data/*/*"), "the last bytes to go")
