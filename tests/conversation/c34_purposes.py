"""C34: the four purposes are announced and taken; an ephemeral file says when it must be gone, and it is; nonsense is refused by name."""
import calendar
import time

from talk import *


def stamp(wall):
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(wall))


def purpose(name, **attributes):
    return f"<{name} xmlns='{NS['purpose']}'" + "".join(f" {k.replace('_', '-')}='{v}'" for k, v in attributes.items()) + "/>"


def expires(ferry, get):
    text = ferry.ctl("show", get.split("/f/")[1].split("/")[0]).dict["expires"]
    return calendar.timegm(time.strptime(text, "%Y-%m-%dT%H:%M:%SZ"))


def run(t):
    ferry = t.ferry(users=["alice"], conf={"storage.expire_after": "30d"})
    alice = t.xmpp(ferry, "alice")
    _, features = alice.disco_info("upload.localhost")
    for name in ("message", "profile", "ephemeral", "permanent"):
        ok(f"{NS['purpose']}#{name}" in features, f"{name} in {features}")
    for dialect in ("upload", "upload_old", "upload_siacs"):
        for extra in (purpose("message"), purpose("profile"), purpose("permanent"), purpose("unheard-of"),
                      "<profile xmlns='urn:example:other'/><x xmlns='urn:example:other'/>"):
            put, get, _ = alice.slot("a.txt", 3, dialect=dialect, extra=extra)
            eq(t.put(put, b"abc").status, 201)
            eq(t.get(get).body, b"abc")
    now = int(time.time())
    for wanted in (now + 3600, now + 86400):
        put, get, _ = alice.slot("a.txt", 3, extra=purpose("ephemeral", expire_before=stamp(wanted)))
        eq(t.put(put, b"abc").status, 201)
        eq(expires(ferry, get), wanted)
    put, get, _ = alice.slot("soon.txt", 3, extra=purpose("ephemeral", expire_before=stamp(now + 3)))
    created = t.put(put, b"abc")
    ok(created.status == 201 or time.time() >= now + 3, created)
    while time.time() < now + 3:
        t.turn(0.1)
    ok(t.get(get).status in (404, 410), "gone")
    for nonsense in (purpose("ephemeral"), purpose("ephemeral", expire_before="tomorrow"), purpose("ephemeral", expire_before=stamp(now - 1)),
                     purpose("ephemeral", expire_before="2036-02-30T00:00:00Z"), purpose("profile") + purpose("permanent")):
        expect_error(alice.slot_answer("a.txt", 3, extra=nonsense), "bad-request", type="modify")
