"""The test library itself: patterns match what they say and nothing else, SOCKS5 and HTTP actors check what they read."""
from talk import *


def fails(what, *args, **options):
    try:
        what(*args, **options)
    except Failure:
        return
    raise Failure(f"{what} should have failed")


def patterns():
    m = parse("<message xmlns='jabber:client' type='chat' from='a@b/c'><body>hi</body><x xmlns='jabber:x:oob'><url>u:/]'</url></x></message>")
    for good in ("message", "*", "{client}message[@type='chat']", "message/body[.='hi']", "message/{oob}x/url", "message//url",
                 "message[not(@to)][@from]", "message[@type!='error'][x]", "message[not(subject)]", "{jabber:client}message/{jabber:x:oob}x",
                 "message//url[.=\"u:/]'\"]"):
        ok(m.matches(good), f"{good} must match")
    for bad in ("iq", "{oob}message", "message[@type='error']", "message/url", "message/body[.='ho']", "message[@to]", "message/{client}x",
                "message[not(@from)]", "message[subject]", "message/body/url"):
        ok(not m.matches(bad), f"{bad} must not match")
    ok(m.matches("message", body="hi", from_=re.compile("^a@"), to=None) and not m.matches("message", body="h"))
    ok(m.find("{oob}x/url").text == "u:/]'" and m.find("url") is None and len(m.all("//url")) == 1)
    eq(parse(m.xml()).xml(), m.xml())
    e = parse("<iq type='error'><error type='cancel' code='503'><service-unavailable xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>")
    expect_error(e, "service-unavailable", type="cancel", code=503)
    fails(expect_error, e, "item-not-found")
    fails(expect_error, e, "service-unavailable", code=404)


def socks(t):
    host = t.streamhost()
    for style in ("bytes", "by hand"):
        wire = t.socks(host.host, host.port)
        server = host.accept()
        if style == "bytes":
            wire.write_bytewise(b"\x05\x01\x00")
            eq(server.greeting(), [0])
            server.write_bytewise(b"\x05\x00")
        else:
            wire.greet(b"\x00\x02")
            eq(server.greeting(), [0, 2])
            server.write(b"\x05\x00")
        eq(wire.chosen(), 0)
        wire.ask("hash")
        eq(server.request(), (1, 3, "hash", 0))
        server.reply("hash")
        eq(wire.answered(), (0, "hash", 0))
        server.write(b"bytes")
        server.close()
        eq(wire.read_all(), b"bytes")
    wire = t.socks(host.host, host.port)
    wire.write(b"\x05\x01\x00\x05\x01\x00\x03\x04hash\x00\x00")
    eq(host.accept().serve("hash"), "hash")
    wire = t.socks(host.host, host.port)
    wire.write(b"\x05\x01\x00\x05\x01\x00\x03\x04hash\x00\x00")
    fails(host.accept().serve, "other")


def http(t):
    listener = t.listen()
    h = t.http(f"http://localhost:{listener.port}/")
    server = listener.accept()
    h.request("PUT", "/x", {"A": "b"}, b"12")
    eq(server.need_until(b"\r\n\r\n12"), f"PUT /x HTTP/1.1\r\nHost: localhost:{listener.port}\r\nA: b\r\nContent-Length: 2\r\n\r\n12".encode())
    server.write("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 201 Created\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"
                 "HTTP/1.1 404 Not Found\r\nContent-Length: 2\r\nVary: a\r\nvary: b\r\n\r\nno")
    eq(h.expect_status(201).body, b"abc")
    r = h.response()
    eq((r.status, r.body, r["content-length"], r.all("Vary")), (404, b"no", "2", ["a", "b"]))
    server.write("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nab")
    server.close()
    fails(h.response)


def run(t):
    patterns()
    socks(t)
    http(t)
