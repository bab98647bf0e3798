"""C28: a slot is asked for by an iq get, in attributes or in the child elements of the two older namespaces, and answered in kind."""
from talk import *


def run(t):
    ferry = t.ferry(users=["alice"], conf={"storage.max_file_size": "64K"})
    alice = t.xmpp(ferry, "alice")
    _, features = alice.disco_info("upload.localhost")
    for dialect in ("upload", "upload_old", "upload_siacs"):
        ns = NS[dialect]
        ok(ns in features, f"{ns} among the features")
        for type in (None, "", "image/png"):
            put, get, _ = alice.slot("ju li.png", 7, type, dialect=dialect)
            eq(t.put(put, b"romeo\r\n", {"Content-Type": type} if type else {}).status, 201)
            eq(t.get(get).body, b"romeo\r\n")
        el = alice.slot_answer("a.txt", 64 * 1024 + 1025, dialect=dialect)
        expect_error(el, "not-acceptable", type="modify", app=f"{{{ns}}}file-too-large")
        eq(el.text_of(f"error/{{{ns}}}file-too-large/max-file-size"), str(64 * 1024 + 1024))
        eq(len(el.find("error").children), 3, "one condition, one text, one dialect")
        expect_error(alice.slot_answer("a.txt", "five", dialect=dialect), "bad-request")
        expect_error(alice.slot_answer("a/b.txt", 5, dialect=dialect), "bad-request")
        expect_error(alice.iq_set(slot_request("a.txt", 5, dialect=dialect), "upload.localhost"), "service-unavailable")
    pretty = "<request xmlns='urn:xmpp:http:upload'>\n  <filename>\n    a b.txt\n  </filename>\n  <size>\n 3\n</size>\n</request>"
    el = alice.iq_get(pretty, "upload.localhost")
    eq(t.put(el.text_of("slot/put"), b"abc").status, 201)
    ok(el.text_of("slot/get").endswith("/a%20b.txt"), el)
    mixed = f"<request xmlns='{NS['upload_old']}' filename='a.txt' size='3'/>"
    expect_error(alice.iq_get(mixed, "upload.localhost"), "bad-request")
