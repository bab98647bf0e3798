"""The secret of another server: without a file nothing is served below the path, one that cannot be read or is empty ends the start with
words, one open to others is taken with a warning, and a reload takes a changed one, or keeps the old when the new is bad."""
import os

from talk import *
from talk.external import secret_file, signed


def run(t):
    off = t.ferry()
    eq(t.put(off.url("/upload/" + signed("a/b", 2)), b"hi").status, 404, "nobody grants slots here")
    off.stop()

    for content, words in ((None, "No such file"), (b"\nsecond line\n", "first line is empty"), (b"x" * 5000, "longer than 4096")):
        bad = t.ferry(conf={"external.secret_file": "bad"}, start=False)
        if content is not None:
            with open(os.path.join(bad.folder, "bad"), "wb") as f:
                f.write(content)
        bad.may_fail = True
        bad.start(wait=False).wait_exit(1)
        ok(bad.log_has(rf"external\.secret_file|{words}") and bad.log_has(words), f"{words} in {bad.log}")

    path = secret_file(t, "short", mode=0o644)
    ferry = t.ferry(conf={"external.secret_file": path})
    ok(ferry.log_has("open to others") and not ferry.log_has(" short .*short"), "a warning about the file, never its content")
    ok(ferry.log_has("the secret of granted slots is short"), "a warning about its length")
    put = lambda name, secret: t.put(ferry.url("/upload/" + signed(name, 2, secret=secret)), b"hi").status
    eq(put("a/1", "short"), 201)

    secret_file(t, "a longer secret than that")
    ferry.reload("reloaded")
    eq((put("a/2", "short"), put("a/2", "a longer secret than that")), (403, 201), "after the reload")
    os.unlink(path)
    ferry.reload("the old configuration stays in force")
    eq(put("a/3", "a longer secret than that"), 201, "a file that went away changes nothing")
