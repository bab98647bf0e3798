"""Row 54: five hundred ways to write a stream host that must not be dialled: none of them is, and each gets the one answer. The same
session's own address, in the form it has, is dialled between them."""
from talk import *

TIME_LIMIT = 120
FORBIDDEN = ["127.0.0.2", "0.0.0.0", "10.0.0.1", "169.254.169.254", "172.16.0.1", "192.168.1.1", "100.64.0.1", "224.0.0.1",
             "255.255.255.255", "192.0.2.1", "198.18.0.1", "127.255.255.254"]


def notations(address):
    """What one resolver or another takes for this IPv4 address; without the plain one."""
    a, b, c, d = parts = [int(x) for x in address.split(".")]
    n = a << 24 | b << 16 | c << 8 | d
    yield from (str(n), hex(n), f"0X{n:X}", f"0{n:o}", f"{n + (1 << 32)}", f"-{(1 << 32) - n}", f"+{n}")
    yield from (f"{a}.{n & 0xffffff}", f"{a}.{b}.{n & 0xffff}", f"{hex(a)}.{n & 0xffffff}")
    yield ".".join(f"0{x:o}" for x in parts)
    yield ".".join(f"{x:04o}" for x in parts)
    yield ".".join(hex(x) for x in parts)
    yield ".".join(f"{x:03d}" for x in parts)
    yield f"{hex(a)}.0{b:o}.{c}.{d}"
    yield f"{a + 256}.{b}.{c}.{d}"
    yield from (f" {address}", f"{address} ", f"{address}.", f"{address}..", f"{address}\t", f"[{address}]", f"{address}/32", f"{address}:80",
                f"{address}#", f"{address}%lo", f"user@{address}", f"//{address}", f"{address}\\", address.replace(".", "。"),
                "".join(chr(0xff10 + int(x)) if x.isdigit() else x for x in address))
    hexes = f"{a:02x}{b:02x}:{c:02x}{d:02x}"
    for form in ("::ffff:{}", "::FFFF:{}", "0:0:0:0:0:ffff:{}", "::{}", "64:ff9b::{}", "::ffff:0:{}", "[::ffff:{}]"):
        yield form.format(hexes)
        yield form.format(address)
    yield f"2002:{hexes}::1"


def forbidden(ferry, own, elsewhere):
    for address in FORBIDDEN:
        yield address, elsewhere
        for text in notations(address):
            yield text, elsewhere
    for text in notations("127.0.0.1"):
        if not text.lower().strip("[]").endswith(("ffff:7f00:0001", "ffff:127.0.0.1")):  # mapped, it is his own address
            yield text, own
    for text in ("::1", "[::1]", "0::1", "::", "::0001", "0:0:0:0:0:0:0:1", "::1%lo", "fe80::1", "fe80::1%lo", "ff02::1", "fc00::1", "fec0::1",
                 "2001:db8::1", "100::1", "", ".", "-", "%", "*", "a" * 300, "a..b", "-a.b", "a b", "xn--", "\u202e1.0.0.721", "127.0.0.1 127.0.0.1"):
        yield text, own
    for name in ("xmpp", "xmpp_tls", "xmpp_legacy", "proxy65", "http", "admin"):
        port = ferry.address(name)[1]
        for host in ("127.0.0.1", "localhost", "LOCALHOST"):
            yield host, port
        for text in (f"0{port}", f"000{port}"):
            yield "127.0.0.1", text
    for port in ("0", "00", "22", "80", "443", "1023", "-1", "65536", "4294967297", hex(own), f"+{own}", f" {own}", f"{own} ", f"{own}.0", f"{own},", "", "x"):
        yield "127.0.0.1", port


def run(t):
    ferry = t.ferry(users=["alice", "bob"])
    own, elsewhere = t.streamhost(), t.streamhost(host="127.0.0.2")
    hosts = list(forbidden(ferry, own.port, elsewhere.port))
    ok(len(hosts) >= 500, f"only {len(hosts)} of them")
    for at in range(0, len(hosts), 120):  # a session may fail so often and no more (row 56)
        alice = t.xmpp(ferry, "alice", source="127.0.0.1")
        offer = alice.offer("bob@localhost", "a.txt", b"1234", methods=("s5b",))
        offer.accepted()
        batch = hosts[at:at + 120]
        ferry.reload(**{"limits.handshake": "200ms"})  # the answer comes at a tenth of it
        for i in range(0, len(batch), 8):
            listed = [(alice.jid, host, port) for host, port in batch[i:i + 8]]
            expect_error(alice.s5b_query(offer.to, offer.sid, listed, wait=True), "item-not-found", code=404)
        eq((own.count, elsewhere.count), (at // 120, 0), "connections")
        ferry.reload(**{"limits.handshake": None})
        alice.s5b_send(offer.to, offer.sid, b"1234", host=own)
        take_notice(alice, "stored")
        alice.end()
    dialled = {line.split("debug dial ")[1].split()[0] for line in ferry.log if "debug dial " in line}
    eq(dialled, {f"127.0.0.1:{own.port}"}, "dialled")
