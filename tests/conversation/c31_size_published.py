"""C31: max-file-size stands in each dialect's form, 1 KiB above what the operator said, so that clients that stay strictly below it
and the tag of an encrypted file fit; what is published is taken to the byte."""
from talk import *


def run(t):
    told, published = 1 << 20, (1 << 20) + 1024
    ferry = t.ferry(users=["alice"], conf={"storage.max_file_size": "1M"})
    alice = t.xmpp(ferry, "alice")
    query = alice.iq_get(f"<query xmlns='{NS['disco']}'/>", "upload.localhost").find("query")
    forms = query.all("{data}x")
    eq([f["type"] for f in forms], ["result"] * 3)
    eq([f.text_of("field[@var='FORM_TYPE'][@type='hidden']/value") for f in forms],
       [NS["upload"], NS["upload_old"], NS["upload_siacs"]], "the newest first")
    eq([f.text_of("field[@var='max-file-size']/value") for f in forms], [str(published)] * 3)
    for size in (told - 1, told, told + 16, published - 1, published):
        put, get, _ = alice.slot("edge.bin", size)
        if size in (told + 16, published):
            eq(t.put(put, b"e" * size).status, 201)
            eq(len(t.get(get).body), size)
    for size in (published + 1, 1 << 40, (1 << 63) - 1, 1 << 63, 10**40):
        el = alice.slot_answer("beyond.bin", size)
        expect_error(el, "not-acceptable", type="modify", app="{upload}file-too-large")
        eq(el.text_of("error/{upload}file-too-large/max-file-size"), str(published))
    ferry.write_conf(**{"storage.max_file_size": "2M"})
    ferry.reload()
    el = alice.iq_get(f"<query xmlns='{NS['disco']}'/>", "upload.localhost")
    eq(el.text_of("query/{data}x/field[@var='max-file-size']/value"), str((2 << 20) + 1024), "after a reload")
    alice.slot("edge.bin", (2 << 20) + 1024)
