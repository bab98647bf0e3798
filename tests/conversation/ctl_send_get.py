"""send stores a file in somebody's name and prints its link; get fetches one whole, or leaves nothing behind."""
import os

from talk import *


def run(t):
    ferry = t.ferry(users=["alice", "bob"])
    data = os.urandom(300000)
    path = t.write("report ä.bin", data)
    link = ferry.ctl("send", path, "bob@localhost", "--from", "alice@localhost").out.strip()
    got = t.get(link)
    eq(got.status, 200)
    ok(got.body == data, "equal bytes")

    ctl = [build_path(ferry.mode, "ferryctl"), "-c", ferry.conf_file]
    file_id = link.split("/")[-2]
    out = t.path("out")
    for what in (file_id, link):  # the link will do for the id
        ferry.ctl("get", what, out)
        ok(open(out, "rb").read() == data, "equal bytes")
    ok(t.command([*ctl, "get", file_id, "-"]).out == data, "equal bytes on standard output")

    here = t.path("here")
    os.mkdir(here)
    eq(t.command([*ctl, "get", file_id], cwd=here).out.decode().strip(), os.listdir(here)[0])
    t.command([*ctl, "get", file_id], cwd=here, code=5)  # its own name replaces nothing
    eq(len(os.listdir(here)), 1)

    ferry.ctl("get", file_id[:-1] + ("A" if file_id[-1] != "A" else "B"), out + "2", code=None)
    ok(not os.path.exists(out + "2") and not os.path.exists(out + "2.part"), "nothing is left behind")
    ferry.ctl("send", t.path("none"), "bob@localhost", code=1)
    ferry.ctl("send", t.folder, "bob@localhost", code=1)
    eq(ferry.ctl("send", t.write("empty", b""), "bob@localhost", "--json").objects[0].keys(), {"get"})
