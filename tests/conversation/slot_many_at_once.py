"""Many asks for slots in one write, in all dialects and with refusals among them: each is answered once, under its own id."""
from talk import *


def run(t):
    ferry = t.ferry(users=["alice"], conf={"storage.user_quota": "100K", "storage.max_file_size": "1M", "limits.out_queue": "4M"})
    alice = t.xmpp(ferry, "alice")
    long = "\u6587" * 80 + ".txt"
    asks = []
    for i in range(40):
        for dialect in ("upload", "upload_old", "upload_siacs"):
            asks.append((alice.id(), slot_request(f"{i}.txt", 100 + i, dialect=dialect), None, dialect))
        asks.append((alice.id(), slot_request(long, 4, "text/" + "x" * 240), None, "upload"))
        asks.append((alice.id(), slot_request("big.bin", 200_000), "resource-constraint", "upload"))
        asks.append((alice.id(), slot_request("huge.bin", 2_000_000), "not-acceptable", "upload"))
        asks.append((alice.id(), slot_request("none.bin", 0), "bad-request", "upload"))
    alice.write("".join(f"<iq type='get' id='{id}' to='upload.localhost'>{xml}</iq>" for id, xml, _, _ in asks).encode())
    links = set()
    for id, _, error, dialect in asks:
        el = alice.take("iq", id=id)
        if error:
            expect_error(el, error)
        else:
            slot = el.find(f"{{{NS[dialect]}}}slot")
            links.add(slot.find("get")["url"] if dialect == "upload" else slot.text_of("get"))
    eq(len(links), 160, "slots, each its own")
    alice.expect_nothing()
