"""Real client programs as actors: slixmpp, libgloox, libpurple, libqxmpp, Gajim (tests/peers), profanity and go-sendxmpp."""
import json
import os
import re
import signal

from .core import BUILD, Failure, Proc, ROOT


def _jid(name, resource):
    return (name if "@" in name else f"{name}@localhost") + (f"/{resource}" if resource else "")


def _built(name):
    program = os.path.join(BUILD, "peers", name)
    if not os.path.exists(program):
        raise Failure(f"{program} is not built (make -C tests/peers)")
    return program


class Slixmpp(Proc):
    """A slixmpp client in a process of its own. do(...) gives it a command, event(...) waits for what it tells."""

    def __init__(self, t, ferry, user, resource=None, password=None, take=None):
        host, port = ferry.address("xmpp")
        super().__init__(t, ["/usr/bin/python3", os.path.join(ROOT, "tests/peers/slixmpp_peer.py"), _jid(user, resource),
                             ferry.password(user) if password is None else password, host, str(port),
                             *([json.dumps({"do": "take", **take})] if take else [])],
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
    host, port = ferry.address("xmpp")
    return Proc(t, [_built("gloox_peer"), _jid(user, resource), ferry.password(user) if password is None else password, host, str(port),
                    *map(str, args)], f"gloox-{user}", stdin=stdin)


class Taker(Proc):
    """A program of tests/peers that is told what to do line by line, and takes what it is sent."""

    def __init__(self, t, program, ferry, user, resource, *args, env=None, limit=None):
        host, port = ferry.address("xmpp")
        self.home = t.path(f"{program}-{ferry.name}-{user}-{resource}")
        argv = ["/usr/bin/python3", os.path.join(ROOT, "tests/peers", program)] if program.endswith(".py") else [_built(program)]
        super().__init__(t, argv + [_jid(user, resource), ferry.password(user), host, str(port), self.home, *args],
                         f"{resource}-{user}", stdin=True, env=env)
        self.jid = self.expect_line(r"^online (\S+)", limit)[1]

    def received(self, name):
        """The bytes of a file that it has got."""
        self.expect_line(rf"^received \S+/{re.escape(name)}$")
        with open(os.path.join(self.home, "in", name), "rb") as f:
            return f.read()

    def quit(self):
        self.close_stdin()
        if self.wait() != 0:
            raise Failure(f"{self.name} exited {self.code}")


class Purple(Taker):
    """A libpurple client, logged in by STARTTLS with the certificate accepted."""

    def __init__(self, t, ferry, user, resource="purple", address="127.0.0.1"):
        super().__init__(t, "purple_peer", ferry, user, resource, address)


class Qxmpp(Taker):
    """A libqxmpp client, logged in by STARTTLS. methods: "ibb", "s5b" or "any"."""

    def __init__(self, t, ferry, user, resource="qxmpp", methods="any"):
        super().__init__(t, "qxmpp_peer", ferry, user, resource, methods)


def _home(t, name, **more):
    """An environment whose home is a folder of the test: nothing is read from or written to the user's own."""
    home = t.path(name)
    folders = {"HOME": home, "XDG_CONFIG_HOME": f"{home}/config", "XDG_DATA_HOME": f"{home}/data", "XDG_CACHE_HOME": f"{home}/cache"}
    for folder in folders.values():
        os.makedirs(folder, exist_ok=True)
    return {**folders, **more}


class Profanity(Proc):
    """profanity on a terminal of its own, logged in; send("/command") types. trust: a certificate that its HTTPS believes."""

    def __init__(self, t, ferry, user, trust=None):
        env = _home(t, f"profanity-{ferry.name}-{user}", TERM="xterm", LANG="C.UTF-8")
        folder = f"{env['XDG_DATA_HOME']}/profanity"
        os.makedirs(f"{folder}/certs")
        host, port = ferry.address("xmpp")
        with open(f"{folder}/accounts", "w", encoding="utf-8") as f:
            f.write(f"[{user}]\nenabled=true\njid={_jid(user, None)}\nserver={host}\nport={port}\nresource=profanity\n"
                    f"password={ferry.password(user)}\ntls.policy=trust\npresence.last=online\npresence.login=online\n")
        if trust:
            with open(trust, encoding="ascii") as cert, open(f"{folder}/certs/CAfile.pem", "w", encoding="ascii") as f:
                f.write(cert.read())
        super().__init__(t, ["/usr/bin/python3", os.path.join(ROOT, "tests/peers/on_terminal.py"), "profanity", "-a", user],
                         f"profanity-{user}", stdin=True, env=env)
        self.expect_line(r"logged in successfully")
        # Answers come in order: when this one is shown, it knows what it asked about the services at its login.
        self.send("/disco items localhost")
        self.expect_line(r"upload\.localhost")
        self.send("/disco info upload.localhost")
        self.expect_line(r"urn:xmpp:http:upload:0")

    def quit(self):
        self.send("/quit")
        if self.wait() != 0:
            raise Failure(f"{self.name} exited {self.code}")


class Gajim(Taker):
    """Gajim on a display of its own, logged in by STARTTLS with the certificate accepted."""

    def __init__(self, t, ferry, user, resource="gajim"):
        self.screen = Proc(t, ["Xvfb", "-displayfd", "1", "-screen", "0", "800x600x24", "-nolisten", "tcp"], f"Xvfb-{user}")
        display = self.screen.expect_line(r"^(\d+)$")[1]
        env = _home(t, f"home-{ferry.name}-{user}", DISPLAY=f":{display}", LANG="C.UTF-8")
        env["XDG_RUNTIME_DIR"] = env["HOME"]
        super().__init__(t, "gajim_peer.py", ferry, user, resource, os.path.join(ferry.spool, "tls.crt"), env=env, limit=60)

    def quit(self):
        super().quit()
        self.screen.signal(signal.SIGTERM)
        self.screen.wait()


def go_sendxmpp(t, ferry, user, *args, direct_tls=False, trust=None, code=0):
    """Runs go-sendxmpp as a user to its end. trust: a certificate that its HTTPS believes."""
    host, port = ferry.address("xmpp_tls" if direct_tls else "xmpp")
    env = _home(t, "go-sendxmpp", **({"SSL_CERT_FILE": trust} if trust else {}))
    return t.command(["go-sendxmpp", "-u", _jid(user, None), "-p", ferry.password(user), "-j", f"{host}:{port}", "-n",
                      *(["-t"] if direct_tls else []), *map(str, args)], env=env, code=code, name="go-sendxmpp")
