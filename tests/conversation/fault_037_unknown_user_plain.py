"""Row 37: PLAIN for somebody who does not exist takes the work of a wrong password, and gets its answer."""
import time

from talk import *


def attempt(t, ferry, name):
    x = t.xmpp(ferry)
    x.open_stream()
    x.starttls()
    x.open_stream()
    times = []
    for _ in range(4):
        begun = time.monotonic()
        el = x.sasl("PLAIN", name, "wrong")
        times.append(time.monotonic() - begun)
        ok(el.matches("{sasl}failure/not-authorized"), el.xml())
    x.close()
    return times, el.xml()


def run(t):
    ferry = t.ferry(users=["alice"], conf={"limits.failed_logins": 1000})
    spent = {"alice": [], "nobody": []}
    words = {}
    for _ in range(6):
        for name in spent:
            times, words[name] = attempt(t, ferry, name)
            spent[name] += times
    eq(words["nobody"], words["alice"])
    # The fastest of many is the work itself, without what else the machine did.
    known, nobody = min(spent["alice"]), min(spent["nobody"])
    ok(0.5 < nobody / known < 2, f"{nobody * 1000:.2f} ms for nobody, {known * 1000:.2f} ms for a wrong password")
