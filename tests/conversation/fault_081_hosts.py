"""Row 81: no Host, two, or a foreign one, by every way in; links come from the configuration whatever Host says."""
from talk import *
from talk.slots import slot


def run(t):
    ferry = t.ferry(ways=True, conf={"http.pages_url": "https://files.example.org"})
    port = ferry.address("http")[1]
    for fields in ("", "Host: localhost\r\nHost: localhost\r\n", "Host: localhost\r\nHost: evil.example\r\n", "Host: \r\n", "Host: a b\r\n",
                   "Host: localhost/x\r\n", "Host: user@localhost\r\n", "Host: localhost, evil.example\r\n", f"Host: {'a' * 300}\r\n"):
        refused(t, ferry, f"GET /livez HTTP/1.1\r\n{fields}\r\n".encode(), 400, later=(400,), proxied=(421,))

    for way in HTTP_WAYS:
        h = t.http(ferry, way=way)

        def ask(fields, status, target="/livez"):
            h.write(f"GET {target} HTTP/1.1\r\n{fields}\r\n".encode())
            eq(h.response().status, status, f"{way}: {target} {fields}")
        for host in ("evil.example", "localhost.evil.example", "127.0.0.2", "[::1]", "127.1", "2130706433"):
            ask(f"Host: {host}\r\n", 421)
        for host in ("localhost", "LOCALHOST:1", f"127.0.0.1:{port}", "127.0.0.1", "localhost.", "files.example.org:443"):
            ask(f"Host: {host}\r\n", 200)
        ask("Host: localhost\r\n", 421, target="http://evil.example/livez")
        if way not in NGINX_WAYS:  # it passes on one of the two
            ask("Host: evil.example\r\n", 200, target="http://localhost/livez")

        s = slot(t, ferry, "a.txt", 5)
        h.request("PUT", s.put_path, {"Host": "127.0.0.1", "X-Forwarded-Host": "evil.example"}, b"12345")
        ok(h.expect_status(201).text.startswith(ferry.url("/f/")), "the link in the 201")
