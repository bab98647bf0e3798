"""When strangers hold all connections that HTTP may have, the operator's socket still answers."""
from talk import *


def run(t):
    ferry = t.ferry(conf={"limits.per_address": "0", "limits.head": "30s"}, wrapper=["prlimit", "--nofile=220:220"])
    crowd = [t.dial(*ferry.address("http"), name=f"crowd{i}") for i in range(90)]
    t.pump(lambda: any(w.eof for w in crowd), "one too many to be refused")
    eq(ferry.ctl("ping", code=None).code, 0)
