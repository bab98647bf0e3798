"""make_room: when alice's quota is full, files of hers that their receivers have fetched go first, and no more than needed; what nobody
has fetched stays, and when all the fetched ones would not suffice nothing goes."""
from talk import *


def run(t):
    ferry = t.ferry(users=["alice", "bob"], conf={"storage.user_quota": "40K", "storage.make_room": "yes"})

    def slot(size, *words):
        return ferry.ctl("slot", "a.bin", size, "--from", "alice@localhost", *words).dict

    links = []
    for i in range(4):
        urls = slot(10 << 10, "--to", "bob@localhost")
        eq(t.put(urls["put"], b"%d" % i * (10 << 10)).status, 201)
        links.append(urls["get"])
    ferry.ctl("slot", "a.bin", 1, "--from", "alice@localhost", code=6)
    for link in links[1:]:
        eq(len(t.get(link).body), 10 << 10)
    t.pump(lambda: ferry.ctl("slot", "a.bin", 1, "--from", "alice@localhost", code=None).code == 0, "a slot for what can be made room for")

    eq(t.put(slot(31 << 10)["put"], b"x" * (31 << 10)).status, 507, "three fetched files are not enough")
    eq([t.head(link).status for link in links], [200] * 4)
    urls = slot(15 << 10)
    eq(t.put(urls["put"], b"y" * (15 << 10)).status, 201)
    status = [t.head(link).status for link in links]
    eq((status[0], sorted(status[1:])), (200, [200, 410, 410]))
    eq(ferry.ctl("show", links[status.index(410)].split("/")[4]).dict["reason"], "room")
    eq(t.get(urls["get"]).status, 200)
    t.pump(lambda: len([f for f in ferry.spool_files() if f.startswith("data/")]) == 3, "the bytes to go")
    eq(ferry.ctl("user", "quota", "alice@localhost").dict["used"], str(35 << 10))
    eq(ferry.ctl("fsck").code, 0)
