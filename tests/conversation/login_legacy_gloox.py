"""A real client, libgloox, finds no SASL on the legacy listener and logs in by the old way with a digest."""
import os

from talk import *


def run(t):
    ferry = t.ferry(users=[user("old", legacy=True)])
    host, port = ferry.address("legacy")
    g = t.spawn([os.path.join(BUILD, "peers/gloox_peer"), "old@localhost/gloox", "secret-old", host, str(port), "take", t.path("x"), "ibb"],
                stdin=True)
    g.expect_line("online")
    ferry.log_expect(r" login user=old@localhost mechanism=iq-auth-digest tls=none")
    g.end()
