"""--print-config shows every value with its origin, and is itself a configuration; --print-sample too. The environment wins."""
from talk import *


def run(t):
    ferryd = build_path("asan", "ferryd")
    conf = t.write("f.conf", "[limits]\nstall = 90m\nhead = 3s\n[storage]\ndir = here\n")
    shown = t.command([ferryd, "-c", conf, "--print-config"], env={"FERRYD_LIMITS_HEAD": "7s"}).text
    lines = {line.split("=")[0].strip(): line for line in shown.splitlines() if "=" in line}
    ok(lines["stall"].startswith("stall = 90m") and lines["stall"].endswith("f.conf:2"), lines["stall"])
    ok(lines["head"].startswith("head = 7s") and lines["head"].endswith("environment FERRYD_LIMITS_HEAD"), lines["head"])
    ok(lines["dir"].startswith(f"dir = {t.folder}/here"), lines["dir"])
    ok(lines["handshake"].endswith("; default"), lines["handshake"])
    again = t.write("again.conf", shown)
    eq(t.command([ferryd, "-c", again, "-t"]).err, b"")
    sample = t.write("sample.conf", t.command([ferryd, "--print-sample"]).text)
    eq(t.command([ferryd, "-c", sample, "-t"]).err, b"")
    t.command([ferryd, "-c", conf, "-t"], env={"FERRYD_LIMITS_HEAD": "never"}, code=2)
