"""Row 42: while the account store does not answer a login gets temporary-auth-failure in time; who is logged in does not notice."""
import base64
import fcntl
import os

from talk import *


def run(t):
    ferry = t.ferry(users=["alice", "bob"], conf={"limits.unauthenticated": "30s"})
    alice, other = t.xmpp(ferry, "alice", resource="one"), t.xmpp(ferry, "alice", resource="two")
    x = t.xmpp(ferry)
    x.open_stream()
    x.starttls()
    x.open_stream()
    shm = os.open(os.path.join(ferry.spool, "index.db-shm"), os.O_RDWR)
    # The locks of the index's log that a reader or writer needs: held here, every look-up waits.
    fcntl.lockf(shm, fcntl.LOCK_EX, 8, 120)
    first = base64.b64encode(Scram("SCRAM-SHA-256", "bob", "secret-bob").first().encode()).decode()
    x.send(f"<auth xmlns='{NS['sasl']}' mechanism='SCRAM-SHA-256'>{first}</auth>")
    alice.message(other.jid, "still here")
    other.take("message", body="still here")
    el = x.next()
    ok(el.matches("{sasl}failure/temporary-auth-failure"), el.xml())
    os.close(shm)  # and the locks with it
    eq(x.sasl("SCRAM-SHA-256", "bob", "secret-bob").name, "success")
