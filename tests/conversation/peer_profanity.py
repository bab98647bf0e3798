"""profanity's /sendfile, over HTTP and HTTPS: the receiver gets a link with equal bytes; a file above the limit is refused in words."""
import os

from talk import *


def run(t):
    for https in (False, True):
        conf = {"storage.max_file_size": "1M", **({"http.public_url": None, "http.listen": ""} if https else {})}
        ferry = t.ferry(users=["alice", "bob"], conf=conf, https=https)
        trust = os.path.join(ferry.spool, "tls.crt") if https else None
        bob = t.xmpp(ferry, "bob")
        alice = t.profanity(ferry, "alice", trust=trust)
        alice.send("/msg bob@localhost")
        for name, size in (("photo.png", 100_001), ("tr\u00e8s cool.tar.gz", 1 << 20), ("x", 1)):
            data = os.urandom(size)
            alice.send(f"/sendfile {t.write(name, data)}")
            message = bob.take("message/body")
            link = message.text_of("{oob}x/url")
            eq(message.text_of("body"), link)
            ok(link.startswith("https:" if https else "http:") and link.endswith(os.path.splitext(name)[1]), link)
            eq(t.curl("-f", *(["--cacert", trust] if https else []), link).out, data)
        alice.send(f"/sendfile {t.write('big.bin', bytes((1 << 20) + 1025))}")
        alice.send("/win 1")
        alice.expect_line(r"(?i)big\.bin.*(too large|larger|exceeds)|(too large|larger|exceeds).*big\.bin")
        alice.quit()
        ok(not bob.have("message/body"), "nothing more was sent")
