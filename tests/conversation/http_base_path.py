"""public_url may have a path of its own: every link, Location and page has it, and the same files are found whether the proxy in front
cuts it off or passes it on."""
from talk import *
from talk.external import secret_file, signed

PAGE = {"Sec-Fetch-Dest": "document", "Sec-Fetch-Mode": "navigate"}


def run(t):
    ferry = t.ferry(start=False, conf={"external.secret_file": secret_file(t)})
    plain = ferry.conf["http.public_url"]
    ferry.write_conf(**{"http.public_url": plain + "/share/files/"})
    ferry.start()
    slot = dict(ferry.ctl("slot", "a.txt", 5).rows)
    ok(slot["put"].startswith(plain + "/share/files/u/"), slot["put"])
    ok(slot["get"].startswith(plain + "/share/files/f/"), slot["get"])

    r = t.put(slot["put"].replace("/share/files", ""), b"hello")
    eq((r.status, plain + r["Location"], r.text), (201, slot["get"], slot["get"] + "\n"), "a proxy that cuts it off")
    eq(t.get(slot["get"]).body, b"hello", "one that passes it on")
    eq(t.get(slot["get"].replace("/share/files", "")).body, b"hello")
    eq(t.get(slot["get"].replace("/share/files", "/share")).status, 404, "half of it")
    eq(t.get(slot["get"].replace("/share/files", "/share/files/share/files")).status, 404, "twice")

    page = t.get(slot["get"].replace("/share/files", ""), PAGE).text
    links = re.findall(r'(?:href|src)="(/[^"?]*)', page)
    ok(len(links) >= 4, f"links of the page: {links}")
    for link in links:
        ok(link.startswith("/share/files/"), link)
        eq(t.get(plain + link).status, 200, link)

    url = plain + "/share/files/upload/" + signed("d/x.txt", 5)
    r = t.put(url.replace("/share/files", ""), b"hello")
    eq((r.status, plain + r["Location"]), (201, url.partition("?")[0]), "a slot of another server")
    eq(t.get(url.partition("?")[0]).body, b"hello")
