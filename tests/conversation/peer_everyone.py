"""slixmpp, libgloox, libpurple and libqxmpp, each to each: both are there, the offer names all the methods that the sender has, and the
bytes arrive equal; the daemon keeps nothing."""
import os

from talk import *


class Slixmpp:
    def __init__(self, t, ferry, user):
        self.peer, self.folder = t.slixmpp(ferry, user, resource="slixmpp"), t.path(f"in-{user}")
        os.mkdir(self.folder)
        self.peer.do("take", dir=self.folder)
        self.jid, self.quit = self.peer.jid, self.peer.quit

    def send(self, to, path):
        self.peer.do("send", to=to, path=path, method="ibb")

    def sent(self, name):
        self.peer.event("sent")

    def receive(self):
        pass

    def received(self, name):
        with open(self.peer.event("received")["path"], "rb") as f:
            return f.read()


class Gloox:
    """A program that does one thing and ends."""

    def __init__(self, t, ferry, user):
        self.t, self.ferry, self.user, self.jid = t, ferry, user, f"{user}@localhost/gloox"

    def send(self, to, path):
        self.peer = self.t.gloox(self.ferry, self.user, "send", to, path, "all", stdin=None)

    def sent(self, name):
        eq(self.peer.wait(), 0)

    def receive(self):
        self.peer = self.t.gloox(self.ferry, self.user, "take", self.t.path("gloox-out"), "ibb")
        self.peer.expect_line("online")

    def received(self, name):
        eq(self.peer.wait(), 0)
        with open(self.t.path("gloox-out"), "rb") as f:
            return f.read()

    def quit(self):
        pass


class Lines:
    """libpurple and libqxmpp."""

    def __init__(self, peer):
        self.peer, self.jid, self.quit, self.received = peer, peer.jid, peer.quit, peer.received

    def send(self, to, path):
        self.peer.send(f"send {to} {path}")

    def sent(self, name):
        self.peer.expect_line(rf"^sent {name}$")

    def receive(self):
        pass


def run(t):
    t.own_network("10.1.2.3")
    names = ("slixmpp", "gloox", "purple", "qxmpp")
    ferry = t.ferry(users=[x + y for x in names for y in ("1", "2")])
    clients = {}
    for user in (x + y for x in names for y in ("1", "2")):
        kind = user[:-1]
        clients[user] = (Slixmpp(t, ferry, user) if kind == "slixmpp" else Gloox(t, ferry, user) if kind == "gloox" else
                         Lines((t.purple if kind == "purple" else t.qxmpp)(ferry, user)))
    for sender in names:
        for receiver in names:
            name, data = f"{sender}-{receiver}", os.urandom(100_003)
            one, other = clients[sender + "1"], clients[receiver + "2"]
            other.receive()
            one.send(other.jid, t.write(name, data))
            eq(other.received(name), data, name)
            one.sent(name)
    eq(ferry.ctl("ls").out, "", "nothing was stored")
    for client in clients.values():
        client.quit()
