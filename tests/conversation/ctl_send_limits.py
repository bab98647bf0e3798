"""send says 6 where a limit or a quota is in the way, and the file is not stored."""
from talk import *


def run(t):
    ferry = t.ferry(users=["alice", "bob"], conf={"storage.max_file_size": "10K", "storage.user_quota": "12K"})
    small, large = t.write("small", b"x" * 8000), t.write("large", b"x" * 11265)
    ferry.ctl("send", large, "bob@localhost", code=6)
    ferry.ctl("send", small, "bob@localhost", "--from", "alice@localhost")
    ferry.ctl("send", small, "bob@localhost", "--from", "alice@localhost", code=6)
    eq(len(ferry.ctl("ls").rows), 1)
