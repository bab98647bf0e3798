"""A promised command that is not built yet says so, and ends with 1."""
from talk import *


def run(t):
    ferry = t.ferry()
    for words in (("audit",), ("drop", "new"), ("drop", "ls"), ("check", "dns"), ("top",)):
        p = ferry.ctl(*words, code=1)
        ok("not built yet" in p.err, p.err)
        eq(p.out, "")
