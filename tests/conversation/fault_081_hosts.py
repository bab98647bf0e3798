"""Row 81: no Host, two, or a foreign one; links come from the configuration whatever Host says."""
from talk import *
from talk.slots import store


def run(t):
    ferry = t.ferry(conf={"http.pages_url": "https://files.example.org"})
    port = ferry.address("http")[1]

    def ask(fields, status, target="/livez"):
        h = t.http(ferry)
        h.write(f"GET {target} HTTP/1.1\r\n{fields}\r\n".encode())
        eq(h.response().status, status, fields)
    ask("", 400)
    ask("Host: localhost\r\nHost: localhost\r\n", 400)
    ask("Host: \r\n", 400)
    for host in ("evil.example", "localhost.evil.example", "127.0.0.2", "[::1]", "127.1", "2130706433"):
        ask(f"Host: {host}\r\n", 421)
    for host in ("localhost", "LOCALHOST:1", f"127.0.0.1:{port}", "127.0.0.1", "localhost.", "files.example.org:443"):
        ask(f"Host: {host}\r\n", 200)
    ask("Host: localhost\r\n", 421, target="http://evil.example/livez")
    ask("Host: evil.example\r\n", 200, target="http://localhost/livez")
    s = store(t, ferry, "a.txt", b"12345")
    ok(s.created.text.startswith(ferry.url("/f/")), "the link in the 201")
