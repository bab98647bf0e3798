"""A small PUT whose bytes are all there when its head is read is stored in one step, with no claim before it; one that comes slowly is
claimed at its first byte. Whoever comes by either way, a slot is won once, and what is refused leaves nothing."""
import threading

from talk import *
from talk.slots import slot, store


def run(t):
    ferry = t.ferry(users=["alice"], conf={"log.level": "debug"})

    def claims(s):
        return [line for line in ferry.log if s.id[:12] in line and "transfer claimed" in line]

    # at once
    s = slot(t, ferry, "once.bin", 3000)
    h = t.http(ferry)
    head = f"PUT {s.put_path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3000\r\n\r\n".encode()
    h.write(head + b"a" * 3000, quiet=True)
    eq(h.response().status, 201)
    ferry.log_expect(f"{s.id[:12]} transfer receiving -> stored attempt=1 size=3000")
    eq(claims(s), [])
    eq(t.get(s.get).body, b"a" * 3000)
    for body, status in ((b"a" * 3000, 201), (b"b" * 3000, 409)):
        h.write(head + body, quiet=True)
        eq(h.response().status, status, "again, on the same connection")

    # as a later request, with little memory: its bytes are handed over in pieces
    s = slot(t, ferry, "later.bin", 60_000)
    h = t.http(ferry)
    eq(h.request("GET", "/livez").response().status, 200)
    body = bytes(range(250)) * 240
    h.request("PUT", s.put_path, {"Content-Length": len(body)}, body)
    eq(h.response().status, 201)
    eq(t.get(s.get).body, body)
    eq(h.request("GET", "/livez").response().status, 200)

    # slowly: claimed by the first byte, and from then on as any upload
    s = slot(t, ferry, "slow.bin", 10)
    h = t.http(ferry)
    h.request("PUT", s.put_path, {"Content-Length": 10})
    h.write(b"01234")
    ferry.log_expect(f"{s.id[:12]} transfer claimed attempt=1 size=10")
    h.write(b"56789")
    eq(h.response().status, 201)
    eq(t.get(s.get).body, b"0123456789")
    eq(h.request("GET", "/livez").response().status, 200, "the connection goes on")

    # its head was there first, but another has stored the file when its bytes come: they tell whether they are the same
    for body, status in ((b"0123456789", 201), (b"012345678?", 409)):
        s = slot(t, ferry, "overtaken.bin", 10)
        h = t.http(ferry)
        mark = ferry.log_mark()
        h.request("PUT", s.put_path, {"Content-Length": 10})
        ferry.log_expect(f"{s.id[:12]} transfer expected", since=mark)
        h2 = t.http(ferry).request("PUT", s.put_path, {"Content-Length": 10}, b"0123456789")
        eq(h2.response().status, 201)
        h.write(body[:5])
        ferry.log_expect(f"{s.id[:12]} transfer claim refused why=slot-used", since=mark)
        h.write(body[5:])
        eq(h.response().status, status)
        eq(h.request("GET", "/livez").response().status, 200, "the connection goes on")
        eq(t.get(s.get).body, b"0123456789")

    # many at one slot
    s = slot(t, ferry, "race.bin", 2000)
    answers = []
    bodies = [bytes([65 + i]) * 2000 for i in range(16)]
    race = [threading.Thread(target=lambda b=b: answers.append((raw_put(ferry, s.put_path, b), b))) for b in bodies]
    for r in race:
        r.start()
    for r in race:
        r.join(20)
    eq(sorted(status for status, _ in answers), [201] + [409] * 15)
    won = [b for status, b in answers if status == 201][0]
    eq(t.get(s.get).body, won)
    eq(len([f for f in ferry.spool_files() if s.id in f]), 1, "the losers' files are gone")
    store(t, ferry, "last.bin", b"")
    eq(ferry.ctl("fsck").code, 0)


def raw_put(ferry, path, body):
    import http.client
    c = http.client.HTTPConnection(*ferry.address("http"), timeout=20)
    c.request("PUT", path, body, {"Host": "localhost"})
    status = c.getresponse().status
    c.close()
    return status
