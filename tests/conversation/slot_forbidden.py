"""[slots] allow: who is not named is refused a slot as forbidden (XEP-0363), in every dialect, and is told so as the first thing. Users
and domains are named in any spelling; a reload counts at once; what was granted before is still taken."""
from talk import *


def run(t):
    ferry = t.ferry(users=["alice", "bob"])
    alice, bob = t.xmpp(ferry, "alice"), t.xmpp(ferry, "bob")
    early, _, _ = bob.slot("early.txt", 5)

    def allow(who):
        ferry.write_conf(**{"slots.allow": who})
        ferry.reload()

    allow("elsewhere.example, ALICE@Localhost.")
    alice.slot("a.txt", 5)
    for dialect in ("upload", "upload_old", "upload_siacs"):
        el = bob.slot_answer("b.txt", 5, dialect=dialect)
        expect_error(el, "forbidden", type="auth")
        eq(el.find(f"error/{{{NS[dialect]}}}retry"), None, "asking again is no use")
    expect_error(bob.slot_answer("b.txt", 1 << 40), "forbidden", type="auth")
    eq(t.put(early, b"12345").status, 201, "granted before")
    allow("localhost")
    bob.slot("b.txt", 5)
    allow("ocalhost, bob@localhost.example, bo@localhost")
    expect_error(bob.slot_answer("b.txt", 5), "forbidden", type="auth")
    allow("")
    bob.slot("b.txt", 5)
    for wrong in (",", "@localhost", "b b@localhost", "alice@", "alice@a b"):
        t.command([build_path("asan", "ferryd"), "-c", ferry.conf_file, "-t"], env={"FERRYD_SLOTS_ALLOW": wrong}, code=2)
