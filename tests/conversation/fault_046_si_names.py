"""Row 46, C8: a hostile file name never becomes a path and is shown cleaned; an empty or endless one is refused."""
from talk import *


def run(t):
    ferry = t.ferry(users=["alice", "bob"])
    alice, bob = t.xmpp(ferry, "alice"), None
    for name in (None, "", "x" * 8000, "y" * 1024):
        alice.offer("bob@localhost", name, b"1").refused("bad-request")
    names = ["../../etc/passwd", "/etc/passwd", "a\\b\\c.txt", "tab\there.txt", "line\nbreak.txt", "evil\u202egpj.exe", "CON", ".hidden",
             "\u6587\u4ef6.txt", "z" * 300 + ".txt", "<b>&amp;.html"]
    for name in names:
        alice.send_file("bob@localhost", name, b"data of " + name.encode()[:20], method="ibb")
    bob = t.xmpp(ferry, "bob")
    for name in names:
        url, message = take_link(bob)
        eq(t.get(url).status, 200)
        shown = message.text_of("{urn:xmpp:sfs:0}file-sharing/{urn:xmpp:file:metadata:0}file/name")
        ok(shown and not any(c in shown for c in "/\\\n\t\u202e"), f"shown name {shown!r}")
        ok(len(shown.encode()) <= 255 and not shown.startswith("."), f"shown name {shown!r}")
    for path in ferry.spool_files():
        ok(not any(word in path for word in ("passwd", "CON", "hidden", "b.html")), f"a name became a path: {path}")
