"""Row 97: the address of a file is all that it takes to have it. No answer lets a browser tell it to others (no-referrer, nothing of a third
party in a page), and the log, at its loudest, has no more of an address or a token than its beginning."""
from talk import *
from talk.external import jwt, secret_file, signed, signed2
from talk.slots import BROWSER, append, slot, store, tus_append


def pages(t, ferry, way, s):
    h = t.http(ferry, way=way)
    for path in (s.get_path, s.download, s.put_path, "/", "/nothing", "/f/" + "A" * 38 + "/x", "/livez"):
        for method in ("GET", "HEAD", "POST", "OPTIONS", "BREW"):
            for headers in (BROWSER, {}):
                r = h.request(method, path, headers).response()
                eq(r["Referrer-Policy"], "no-referrer", f"{way}: {method} {path}")
                if r["Connection"] == "close":
                    h = t.http(ferry, way=way)
                if "text/html" in (r["Content-Type"] or "") and method != "HEAD":
                    policy = r["Content-Security-Policy"]
                    ok("default-src 'none'" in policy and "://" not in policy and "unsafe" not in policy and "*" not in policy, policy)
                    for link in re.findall(r"""(?:href|src|action|srcset|poster|data|content)\s*=\s*["']?([^"'\s>]*)""", r.text):
                        ok(not re.match(r"(?:[a-z]+:)?//", link), f"{path} leads to {link}")
                    ok(not re.search(r"<(?:script(?![^>]*src=)|iframe|object|embed|base)|https?://|url\(", r.text), f"{path}: {r.text}")


def run(t):
    ferry = t.ferry(["alice", "bob"], ways=True, conf={"external.secret_file": secret_file(t), "log.level": "debug"})
    secrets = []

    def keep(s):
        secrets.extend([s.id, s.put_path.split("/")[2]])
        return s
    files = [keep(store(t, ferry, "the plan.txt", b"12345")) for _ in range(2)]
    for s in files:
        secrets.append(s.delete_token)
    for way in HTTP_WAYS:
        pages(t, ferry, way, files[0])

    # What happens to files and slots.
    s = keep(slot(t, ferry, "b.txt", 10))
    for r in (t.put(s.put, b"0123", {"Upload-Complete": "?0"}), t.head(s.put), append(t, s, b"x", 3, False), tus_append(t, s, b"45", 4),
              append(t, s, b"6789", 6, True), t.put(s.put, b"other", {}), t.put(s.put[:-20] + "x", b"0123456789"), t.get(s.get), t.get(s.get, {"Range": "bytes=1-"})):
        ok(r.status, "")
    s = keep(slot(t, ferry, "cut.bin", 100_000))
    h = t.http(ferry).request("PUT", s.put_path, {"Content-Length": 100_000})
    h.write(b"x" * 50_000, quiet=True)
    ferry.log_expect("transfer claimed attempt=1 size=100000")
    h.abort()
    ferry.log_expect(r"http PUT /u aborted")
    once = ferry.ctl("slot", "once.txt", 5, "--once").dict
    secrets.extend([once["put"].split("/")[4], once["get"].split("/")[4]])
    t.put(once["put"], b"12345")
    t.get(once["get"])
    t.delete(files[0].get, headers={"Authorization": f"Bearer {files[0].delete_token}"})
    t.delete(files[1].get, headers={"Authorization": f"Bearer {files[0].delete_token}"})
    ferry.ctl("rm", files[1].id)
    for address in (signed("abcdefghijkl0123/v1.txt", 5), signed2("abcdefghijkl0123/v2.txt", 5, "application/octet-stream")):
        secrets.append(address.partition("=")[2])
        eq(t.put(ferry.url("/upload/" + address), b"12345").status, 201)
        t.put(ferry.url("/upload/" + address + "x"), b"12345")
    token = jwt("abcdefghijkl0123/jwt.txt", 5)
    secrets.extend([token["Authorization"][7:], "abcdefghijkl0123"])
    eq(t.put(ferry.url("/upload/abcdefghijkl0123/jwt.txt"), b"12345", token).status, 201)

    alice, bob = t.xmpp(ferry, "alice"), t.xmpp(ferry, "bob")
    put, get, _ = alice.slot("c.txt", 5)
    secrets.extend([put.split("/")[4], get.split("/")[4]])
    t.put(put, b"12345")
    alice.message(bob.bare, get)
    bob.expect("message", body=get)
    alice.send_iq("set", f"<query xmlns='urn:nothing'><url>{get}</url></query>", to=bob.jid)
    bob.expect("iq")
    row = ferry.ctl("send", t.write("d.txt", b"12345"), "bob@localhost", "--from", "alice@localhost").out.strip()
    secrets.append(row.split("/")[4])
    bob.expect("message", body=row)
    t.get(row)
    ferry.stop()
    ferry.start()
    secrets.append(ferry.ctl("login-link", "alice@localhost", code=None).out.strip()[-30:] or "-" * 99)
    for secret in secrets:
        for line in ferry.log:
            ok(secret[:20] not in line and secret[-16:] not in line, f"a capability in the log: {line}")
