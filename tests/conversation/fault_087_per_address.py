"""Row 87: connections beyond the cap of one address are closed at once; other addresses are fine; a slot that is free can be used again."""
from talk import *
from talk.slots import drip


def run(t):
    ferry = t.ferry(conf={"limits.per_address": "5"})
    kept = [t.http(ferry, name=f"kept{i}", source="127.0.0.2") for i in range(5)]
    for h in kept:
        h.request("GET", "/livez")
        h.expect_status(200)
    for i in range(5):
        t.http(ferry, name=f"excess{i}", source="127.0.0.2").expect_eof()
    other = t.http(ferry, source="127.0.0.3")
    other.request("GET", "/livez")
    other.expect_status(200)
    kept[0].close()

    def again():
        h = t.http(ferry, name="again", source="127.0.0.2")
        h.request("GET", "/livez")
        t.pump(lambda: h.eof or b"\r\n\r\n" in h.inbuf, "an answer or a close")
        return not h.eof
    drip(t, [], again, "a place to be free")
