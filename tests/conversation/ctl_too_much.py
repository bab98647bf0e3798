"""More lines than one request may hold: 6, with a way out, and nobody was added."""
from talk import *


def run(t):
    ferry = t.ferry()
    p = ferry.ctl("user", "import", stdin="".join(f"user{i}@localhost\t{'x' * 200}\n" for i in range(25000)), code=6)
    ok("in parts" in p.err, p.err)
    eq(ferry.ctl("user", "ls").out, "")
