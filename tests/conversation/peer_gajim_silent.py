"""Gajim 1.7.3 falls over a file offered by Jingle and says nothing more: after answer_timeout Ferry takes the one offered by a contact who
is there, and of that one, as of a waiting one that was to be delivered, Gajim gets the link."""
import os

from talk import *


def run(t):
    t.own_network()
    ferry = t.ferry(users=["alice", "bob"], conf={"offers.delivery": "transfer", "offers.answer_timeout": "4s"})
    alice, bob = t.xmpp(ferry, "alice"), t.xmpp(ferry, "bob")
    alice.befriend(bob)
    bob.end()
    waiting, offered = os.urandom(100_001), os.urandom(100_001)
    alice.send_file("bob@localhost", "waiting", waiting, method="ibb")
    take_notice(alice, "stored")
    bob = t.gajim(ferry, "bob")

    def gets_link(name):
        return t.get(bob.expect_line(rf"^message alice@localhost\S* ({re.escape(ferry.url('/f/'))}\S+/{name})$")[1]).body

    eq(gets_link("waiting"), waiting)
    alice.jingle_send(bob.jid, "offered", offered)
    eq(gets_link("offered"), offered)
    bob.quit()
