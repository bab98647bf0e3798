"""Row 49, C33: slots refused: size 0, negative, no number, too big (with the limit), a slash in the name, quota (with a retry stamp)."""
from talk import *


def run(t):
    ferry = t.ferry(users=["alice"], conf={"storage.max_file_size": "64K", "storage.user_quota": "100K"})
    alice = t.xmpp(ferry, "alice")
    for size in ("0", "-1", "+1", "0x1", "", "five", "1e9"):
        expect_error(alice.slot_answer("a.txt", size), "bad-request")
    for name in ("a/b.txt", "a\\b.txt", "", "n" * 2000):
        expect_error(alice.slot_answer(name, 5), "bad-request")
    el = alice.slot_answer("a.txt", 70000)
    expect_error(el, "not-acceptable", app="{upload}file-too-large")
    eq(el.text_of("error/{upload}file-too-large/max-file-size"), str(65536 + 1024), "what is published")
    expect_error(alice.slot_answer("a.txt", "9223372036854775808"), "not-acceptable", app="{upload}file-too-large")
    put, _, _ = alice.slot("a.txt", 60000)
    eq(t.put(put, b"x" * 60000).status, 201)
    el = alice.slot_answer("b.txt", 60000)
    expect_error(el, "resource-constraint", type="wait")
    stamp = el.find("error/{upload}retry")["stamp"]
    ok(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", stamp), f"a UTC stamp: {stamp}")
