"""Rows 77 to 83 and 99 with nginx in front: whatever a client writes, as a first or a later request, Ferry gets only whole and honest
requests: nothing is smuggled, nothing is answered twice, and the next client's answer is his own."""
from talk import *
from talk.servers import in_front
from talk.slots import store

SMUGGLED = b"GET /smuggledNNN HTTP/1.1\r\nHost: localhost\r\n\r\n"
QUICK = "keepalive_timeout 300ms; client_header_timeout 1s; client_body_timeout 1s; lingering_timeout 1s;"


def heads(put_path):
    """Heads with another request behind them, or hidden in them; NNN will be a number, so that it is known by its address."""
    h = b"Host: localhost\r\n"
    put = b"PUT %s HTTP/1.1\r\n" % put_path + h
    get = b"GET /livez HTTP/1.1\r\n"
    yield put + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + SMUGGLED
    yield put + b"Transfer-Encoding: chunked\r\nContent-Length: %d\r\n\r\n0\r\n\r\n" % (5 + len(SMUGGLED)) + SMUGGLED
    yield put + b"Content-Length: 0\r\nContent-Length: %d\r\n\r\n" % len(SMUGGLED) + SMUGGLED
    yield put + b"Content-Length: 5,5\r\n\r\nhello" + SMUGGLED
    yield put + b"Content-Length: +%d\r\n\r\n" % len(SMUGGLED) + SMUGGLED
    yield put + b"Content-Length: 0x5\r\n\r\nhello" + SMUGGLED
    yield put + b"Content-Length: 18446744073709551616\r\n\r\n" + SMUGGLED
    yield put + b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n" + SMUGGLED
    yield put + b"Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n" + SMUGGLED
    yield put + b"Transfer-Encoding:\r\n chunked\r\n\r\n0\r\n\r\n" + SMUGGLED
    yield put + b"Transfer-Encoding: \x0bchunked\r\n\r\n0\r\n\r\n" + SMUGGLED
    yield put + b"Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n" + SMUGGLED
    yield put + b"Transfer-Encoding: chunked\r\n\r\nffffffffffffffff1\r\n" + SMUGGLED
    yield put + b"Transfer-Encoding: chunked\r\n\r\n5;" + b"x" * 70000 + b"\r\nhello\r\n0\r\n\r\n" + SMUGGLED
    yield put.replace(b"HTTP/1.1", b"HTTP/1.0") + b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + SMUGGLED
    yield get + h + b"A : b\r\nContent-Length: %d\r\n\r\n" % len(SMUGGLED) + SMUGGLED
    yield get + h + b"Content-Length : %d\r\n\r\n" % len(SMUGGLED) + SMUGGLED
    yield get + h + b"A: b\rContent-Length: 5\r\n\r\n" + SMUGGLED
    yield get + h + b"A: b\n\nGET /smuggledNNN HTTP/1.1\nHost: localhost\n\n"
    yield get + h + b"A: b\0\r\n\r\n" + SMUGGLED
    yield get + b"\r\n" + SMUGGLED
    yield get + h + h + b"\r\n" + SMUGGLED
    yield get + b"Host: evil.example\r\n\r\n" + SMUGGLED
    yield b"GET http://evil.example/livez HTTP/1.1\r\n" + h + b"\r\n" + SMUGGLED
    yield b"GET /" + b"x" * 20000 + b" HTTP/1.1\r\n" + h + b"\r\n" + SMUGGLED
    yield get + h + b"A: " + b"x" * 70000 + b"\r\n\r\n" + SMUGGLED
    yield get + h + b"".join(b"A%d: b\r\n" % i for i in range(1000)) + b"\r\n"
    yield b"GET /../../etc/passwd HTTP/1.1\r\n" + h + b"\r\n"
    yield b"GET /f/%2e%2e/%2e%2e/etc/passwd HTTP/1.1\r\n" + h + b"\r\n"
    yield b"GET /f/%00 HTTP/1.1\r\n" + h + b"\r\n"
    yield b"GET /f/..%5c..%5cetc HTTP/1.1\r\n" + h + b"\r\n"
    yield b"GET /livez HTTP/1.1\r\nHost: localhost:port\r\n\r\n" + SMUGGLED
    yield b"TRACE / HTTP/1.1\r\n" + h + b"\r\n"
    yield b"CONNECT localhost:80 HTTP/1.1\r\n" + h + b"\r\n"
    yield b"BREW / HTTP/1.1\r\n" + h + b"\r\n"
    yield b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
    yield b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"
    yield b"\x05\x01\x00"


def run(t):
    nginx, ferry = in_front(t, change={"server_name files.example.org;": "server_name localhost; " + QUICK})
    good = store(t, ferry, "a.txt", b"the neighbour's")
    attacks = [(later, bytes_) for later in (False, True) for bytes_ in heads(good.put_path.encode())]
    wires = []
    for i, (later, bytes_) in enumerate(attacks):
        h = t.http(nginx.base, name=f"hostile{i}")
        if later:
            h.request("GET", good.get_path).expect_status(200)
        h.write(bytes_.replace(b"NNN", b"%03d" % i), quiet=True)
        wires.append(h)
        eq(t.get(good.get).body, b"the neighbour's", f"after {bytes_[:80]!r}")
    for i, (h, (_, bytes_)) in enumerate(zip(wires, attacks)):
        answers = re.findall(rb"^HTTP/1\.1 (\d{3})", h.read_all(), re.M)
        asked = ferry.log_has(f"GET /smuggled{i:03}")
        # What nginx takes for two requests is two for Ferry too, and has two answers.
        ok(len(answers) == 2 if asked else len(answers) <= 2, f"{bytes_[:120]!r}: {answers}, asked: {asked}")
        ok(answers[:1] in ([], [b"200"]) or 400 <= int(answers[0]) < 600, f"{bytes_[:120]!r}: {answers}")
    eq(t.get(good.get).body, b"the neighbour's")
