"""make run: the sent file's link stands alone on a line, gives equal bytes, Ctrl-C ends it cleanly; a second start works, too."""
import os
import signal
from talk import *


class At:
    """A daemon of which only the port is known."""

    def __init__(self, port):
        self.port = port

    def address(self, listener):
        return "127.0.0.1", self.port


def run(t):
    with open(source("README.md") if os.path.exists(source("README.md")) else source("tools/run"), "rb") as f:
        want = f.read()
    env = {"FERRY_RUN_DIR": t.path("run"), "FERRY_BIN": os.path.join(BUILD, MODE), "FERRY_RUN_PORTS": "free"}
    for start in range(2):
        p = t.spawn([source("tools/run")], name="make-run", env=env)
        p.expect_line(r"until Ctrl-C")
        link = p.expect_line(r"^(http://localhost:\d+/f/[A-Za-z0-9_-]{38}/\S+)$")[1]
        ok("\033" not in p.text, "colour, off a terminal")
        eq(t.curl("-f", link).out, want, "bytes of the link")
        page = p.expect_line(r"^(http://\S+:\d+/\S*login\S*)$")[1]
        eq(t.get(page).status in (200, 302, 303), True, "the operator's login link")
        words = dict(re.findall(r"^ +(\w+)@localhost +password (\S+)", p.text, re.M))
        bob = t.xmpp(At(int(p.expect_line(r"port (\d+), STARTTLS")[1])), "bob", password=words["bob"])
        eq(take_link(bob, "alice@localhost")[0], link, "the link that bob's client gets")
        bob.end()
        p.signal(signal.SIGINT)
        eq(p.wait(), 0)
