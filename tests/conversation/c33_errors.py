"""C33: each refusal of a slot in the form that clients know: which limit is in the way, how full it is, and when to ask again, in the
asker's language; asking again then gives a slot."""
import calendar
import time

from talk import *


def stamp_of(el, dialect="upload"):
    stamp = el.find(f"error/{{{NS[dialect]}}}retry")["stamp"]
    return calendar.timegm(time.strptime(stamp, "%Y-%m-%dT%H:%M:%SZ"))


def expires_of(ferry, get):
    text = ferry.ctl("show", get.split("/f/")[1].split("/")[0]).dict["expires"]
    return calendar.timegm(time.strptime(text, "%Y-%m-%dT%H:%M:%SZ"))


def text_of(el):
    return el.text_of("error/{stanzas}text")


def run(t):
    ferry = t.ferry(users=["alice", "bob"], conf={"storage.user_quota": "100K", "storage.quota_profile": "10K", "storage.expire_after": "30d"})
    alice = t.xmpp(ferry, "alice")
    put, get, _ = alice.slot("a.bin", 60_000)
    eq(t.put(put, b"a" * 60_000).status, 201)
    for dialect in ("upload", "upload_old", "upload_siacs"):
        el = alice.slot_answer("b.bin", 60_000, dialect=dialect)
        expect_error(el, "resource-constraint", type="wait")
        eq(stamp_of(el, dialect), expires_of(ferry, get), "when the file goes")
        ok("60.0 kB of 102.4 kB" in text_of(el), f"used and limit in {text_of(el)}")
        eq(len(el.find("error").children), 3, "one condition, one text, one retry")
    ferry.ctl("extend", get.split("/f/")[1].split("/")[0], "1h")
    sooner = stamp_of(alice.slot_answer("b.bin", 60_000))
    ok(sooner <= time.time() + 3600, "it will go sooner now")
    profile = f"<profile xmlns='{NS['purpose']}'/>"
    el = alice.slot_answer("me.png", 20_000, extra=profile)
    expect_error(el, "resource-constraint", type="wait")
    english = text_of(el)
    ok("purpose" in english, english)
    id = alice.id()
    alice.send(f"<iq type='get' id='{id}' xml:lang='zh' to='upload.localhost'>{slot_request('me.png', 20_000, extra=profile)}</iq>")
    el = alice.take("iq", id=id)
    expect_error(el, "resource-constraint", type="wait")
    ok(re.search("[\u4e00-\u9fff]", text_of(el)), text_of(el))
    alice.close()
    ferry.stop()
    ferry.env["FERRYD_TEST_WALL_OFFSET"] = "3700"
    ferry.start()
    alice = t.xmpp(ferry, "alice")
    t.pump(lambda: t.turn(0.05) or alice.slot_answer("b.bin", 60_000)["type"] == "result", "room")
    alice.close()
    ferry.stop()
    ferry.write_conf(**{"storage.daily_quota": "70K"})
    ferry.start()
    bob = t.xmpp(ferry, "bob")
    put, _, _ = bob.slot("c.bin", 60_000)
    eq(t.put(put, b"c" * 60_000).status, 201)
    el = bob.slot_answer("d.bin", 20_000)
    expect_error(el, "resource-constraint", type="wait")
    eq(stamp_of(el) % 86400, 0, "the day ends")
    ok("day" in text_of(el), text_of(el))
