"""slixmpp finds the upload service by disco, uploads a file by XEP-0363, and the link gives equal bytes."""
import os
from talk import *


def run(t):
    ferry = t.ferry(users=["alice"])
    data = os.urandom(100001)
    alice = t.slixmpp(ferry, "alice")
    alice.do("upload", path=t.write("photo.png", data))
    url = alice.event("uploaded")["url"]
    eq(t.curl("-f", url).out, data)
    alice.quit()
