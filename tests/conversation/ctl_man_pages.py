"""The manual pages say what the programs' own tables say, and mandoc finds no fault in them."""
import os

from talk import *


def run(t):
    p = t.command([os.path.join(ROOT, "tools", "man"), "--check"], env={"BIN": os.path.dirname(build_path(MODE, "ferryd"))}, code=None)
    eq((p.code, p.out.decode(), p.err.decode()), (0, "", ""))
