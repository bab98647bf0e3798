"""Row 37: PLAIN for somebody who does not exist takes the work of a wrong password, and gets its answer."""
from talk import *

TRIES = 10


def run(t):
    ferry = t.ferry(users=["alice"], conf={"limits.failed_logins": 1000})
    x = t.xmpp(ferry)
    x.open_stream()
    x.starttls()
    x.open_stream()
    spent, words = {}, {}
    for name in ("warm-up", "alice", "nobody", "alice", "nobody"):
        before = ferry.cpu_s()
        for _ in range(TRIES):
            words[name] = x.sasl("PLAIN", name, "wrong").xml()
        spent.setdefault(name, []).append(ferry.cpu_s() - before)
    ok("not-authorized" in words["alice"], words["alice"])
    eq(words["nobody"], words["alice"])
    # Processor time, which does not ask what else the machine does; the lesser one is the work itself.
    known, nobody = (min(spent[name]) / TRIES * 1000 for name in ("alice", "nobody"))
    ok(0.6 < nobody / known < 1.6, f"{nobody:.2f} ms for nobody, {known:.2f} ms for a wrong password")
    t.say(f"{nobody:.2f} ms for nobody, {known:.2f} ms for a wrong password")
