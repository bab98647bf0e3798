"""/livez and /readyz answer everywhere; /metrics on the admin listener only."""
from talk import *


def run(t):
    ferry = t.ferry()
    for path in ("/livez", "/readyz"):
        eq(t.get(ferry.url(path)).text, "ok\n")
    eq(t.get(ferry.url("/readyz"), {"Accept": "application/json"}).json, {"ok": True})
    eq(t.get(ferry.url("/metrics")).status, 404)
    host, port = ferry.address("admin")
    r = t.get(f"http://{host}:{port}/metrics")
    eq(r.status, 200)
    ok(re.search(r'^ferryd_http_requests_total\{method="GET",code="2xx"\} \d+$', r.text, re.M), r.text)
    ok("ferryd_spool_files" in r.text)
