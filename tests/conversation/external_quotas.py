"""Who pays for a file that another server granted: the user its JWT names, by his own quotas; where nobody is named the operator, whom
only the limits of the whole site stop."""
from talk import *
from talk.external import jwt, secret_file, signed

DATA = b"x" * 1000


def run(t):
    ferry = t.ferry(conf={"external.secret_file": secret_file(t), "storage.user_quota": "1500", "storage.user_files": "1",
                          "storage.daily_quota": "1500", "storage.total_quota": "5000", "storage.max_file_size": "3000"})
    put = lambda path, data, token=None: t.put(ferry.url("/upload/" + (path if token else signed(path, len(data)))), data, token or {}).status

    eq(put("a/1", b"x" * 5000), 413, "larger than max_file_size")
    eq([put(f"b/{i}", DATA) for i in range(3)], [201] * 3, "nobody is named: no user's quota")
    eq(put("c/1", DATA, jwt("c/1", 1000)), 201)
    eq(put("c/2", DATA, jwt("c/2", 1000)), 507, "his quota is full")
    eq(put("d/1", DATA, jwt("d/1", 1000, sub="juliet@capulet.lit")), 201, "another user's is not")
    eq(put("e/1", DATA), 507, "the site is full")
    eq(t.get(ferry.url("/upload/c/2")).status, 404, "nothing of what was refused is there")
