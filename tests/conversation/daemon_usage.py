"""ferryd's command line: --version, a wrong option, a missing or faulty file; exit 2 and every fault with its line."""
from talk import *


def run(t):
    ferryd = build_path("asan", "ferryd")
    eq(t.command([ferryd, "--version"]).text.split()[0], "ferryd")
    ok("usage:" in t.command([ferryd, "--frobnicate"], code=2).err.decode())
    ok("usage:" in t.command([ferryd, "-c"], code=2).err.decode())
    ok("No such file" in t.command([ferryd, "-c", t.path("none.conf"), "-t"], code=2).err.decode())
    bad = t.write("bad.conf", "[xmpp]\nlisten = nowhere\nlisten = 127.0.0.1:1\nfoo = 1\n[bar]\n[limits]\nstall = soon\n")
    for extra in (["-t"], []):
        err = t.command([ferryd, "-c", bad, *extra], code=2).err.decode()
        for line in (2, 3, 4, 5, 7):
            ok(f"bad.conf:{line}: " in err, f"the fault in line {line} is missing:\n{err}")
    good = t.write("good.conf", "[xmpp]\nlisten = 127.0.0.1:0 ; a comment\n[http]\npages_url = https://files.example.org\n")
    p = t.command([ferryd, "-c", good, "-t"])
    ok("warning: http.pages_url" in p.err.decode())
    ok("good" in p.text)
    half = t.write("half.conf", "[tls]\ncertificate = c.pem\nkey = k.pem\n")
    ok("c.pem" in t.command([ferryd, "-c", half, "-t"], code=2).err.decode(), "-t tries the certificate")
