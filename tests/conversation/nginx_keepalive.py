"""nginx keeps its connections to Ferry: many requests of many clients come by one, also after refusals; and a trusted proxy's that has
been idle for longer than limits.head is still there, while another's is closed."""
from talk import *
from talk.servers import in_front
from talk.slots import span, store


def run(t):
    # Not trusted: so the log shows nginx's own ports.
    nginx, ferry = in_front(t, conf={"http.trusted_proxies": ""})
    s = store(t, ferry, "a.txt", b"hello")
    since = ferry.log_mark()
    for i in range(20):
        eq(t.get(s.get).body, b"hello")
        eq(t.get(nginx.url("/nothing")).status, 404)
    ferry.log_expect(r"http GET /nothing")
    ports = {m[1] for line in ferry.log[since:] if (m := re.search(r"http GET .* peer=(\S+)", line))}
    eq(len(ports), 1, f"connections for 40 requests: {ports}")

    nginx, ferry = in_front(t)
    kept, other = t.http(ferry), t.http(ferry, source="127.0.0.2")
    for ms in ("10s", "300ms"):
        ferry.reload(**{"limits.head": ms})
        for h in (kept, other):
            h.request("GET", "/livez").expect_status(200)
    other.closed()
    span(t, 1)
    kept.request("GET", "/livez").expect_status(200)
    eq(t.get(nginx.url("/livez")).status, 200)
