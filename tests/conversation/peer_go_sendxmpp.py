"""go-sendxmpp --http-upload, by STARTTLS (with its line end behind <starttls/>) and by direct TLS, over HTTP and HTTPS: the receiver gets a
link with equal bytes; a file above the limit is refused, and nothing is sent."""
import os

from talk import *


def run(t):
    for https in (False, True):
        conf = {"storage.max_file_size": "1M", **({"http.public_url": None, "http.listen": ""} if https else {})}
        ferry = t.ferry(users=["alice", "bob"], conf=conf, https=https)
        trust = os.path.join(ferry.spool, "tls.crt") if https else None
        bob = t.xmpp(ferry, "bob")
        for name, size, direct in (("photo.png", 100_001, False), ("tr\u00e8s cool.tar.gz", 1 << 20, True), ("x", 1, False)):
            data = os.urandom(size)
            t.go_sendxmpp(ferry, "alice", "-h", t.write(name, data), "bob@localhost", direct_tls=direct, trust=trust)
            message = bob.expect("message[@type='chat']")
            link = message.text_of("{oob}x/url")
            eq(message.text_of("body"), link)
            ok(link.startswith("https:" if https else "http:") and link.endswith(os.path.splitext(name)[1]), link)
            eq(t.curl("-f", *(["--cacert", trust] if https else []), link).out, data)
        big = t.write("big.bin", bytes((1 << 20) + 1025))
        ok(b"upload slot" in t.go_sendxmpp(ferry, "alice", "-h", big, "bob@localhost", code=1).err, "it says what failed")
        bob.expect_nothing()
