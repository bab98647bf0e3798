"""Real client programs as actors: slixmpp (tests/peers/slixmpp_peer.py) and libgloox (tests/peers/gloox_peer.cpp)."""
import json
import os

from .core import BUILD, Failure, Proc, ROOT


def _jid(name, resource):
    return (name if "@" in name else f"{name}@localhost") + (f"/{resource}" if resource else "")


class Slixmpp(Proc):
    """A slixmpp client in a process of its own. do(...) gives it a command, event(...) waits for what it tells."""

    def __init__(self, t, ferry, user, resource=None, password=None):
        host, port = ferry.address("xmpp")
        super().__init__(t, ["/usr/bin/python3", os.path.join(ROOT, "tests/peers/slixmpp_peer.py"), _jid(user, resource),
                             ferry.password(user) if password is None else password, host, str(port)],
                         f"slix-{user}", stdin=True)
        self.seen, self.events = 0, []
        self.jid = self.event("online")["jid"]

    def do(self, what, **options):
        self.send(json.dumps({"do": what, **options}))
        return self

    def event(self, kind, limit=None, **facts):
        """The first event of this kind (with these facts) not yet taken; an error fails unless it is what is wanted."""
        def look():
            lines = self.out.split(b"\n")[:-1]
            self.events += [json.loads(line) for line in lines[self.seen:]]
            self.seen = len(lines)
            for e in self.events:
                if e["event"] == kind and all(e.get(k.rstrip("_")) == v for k, v in facts.items()):
                    self.events.remove(e)
                    return e
                if e["event"] == "error":
                    raise Failure(f"{self.name}: {e}")
            if self.code is not None:
                raise Failure(f"{self.name} exited {self.code} before {kind}")
            return None
        return self.t.pump(look, f"{kind} of {self.name}", limit)

    def quit(self):
        self.do("quit")
        self.wait()


def gloox(t, ferry, user, *args, resource="gloox", stdin=True, password=None):
    """Starts the libgloox program: "send", to, path, "ibb"|"s5b" or "send", to, path, "proxy", jid, host, port or "take", path,
    "ibb"|"s5b". stdin=None: a sender ends at once after its close, else it waits for the notice."""
    program = os.path.join(BUILD, "peers/gloox_peer")
    if not os.path.exists(program):
        raise Failure(f"{program} is not built (make -C tests/peers)")
    host, port = ferry.address("xmpp")
    return Proc(t, [program, _jid(user, resource), ferry.password(user) if password is None else password, host, str(port),
                    *map(str, args)], f"gloox-{user}", stdin=stdin)
