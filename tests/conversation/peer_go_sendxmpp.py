"""go-sendxmpp --http-upload, by STARTTLS (with its line end behind <starttls/>) and by direct TLS: the receiver gets a link with equal bytes;
a file above the limit is refused, and nothing is sent."""
import os

from talk import *


def run(t):
    ferry = t.ferry(users=["alice", "bob"], conf={"storage.max_file_size": "1M"})
    bob = t.xmpp(ferry, "bob")
    home = t.path("home")
    os.makedirs(home)
    env = {"HOME": home, "XDG_CONFIG_HOME": home, "XDG_DATA_HOME": home, "XDG_CACHE_HOME": home}

    def send(path, listener="xmpp", code=0):
        host, port = ferry.address(listener)
        return t.command(["go-sendxmpp", "-u", "alice@localhost", "-p", ferry.password("alice"), "-j", f"{host}:{port}", "-n",
                          *(["-t"] if listener == "xmpp_tls" else []), "-h", path, "bob@localhost"], env=env, code=code)

    for name, size, listener in (("photo.png", 100_001, "xmpp"), ("tr\u00e8s cool.tar.gz", 1 << 20, "xmpp_tls"), ("x", 1, "xmpp")):
        data = os.urandom(size)
        send(t.write(name, data), listener)
        message = bob.expect("message[@type='chat']")
        link = message.text_of("{oob}x/url")
        eq(message.text_of("body"), link)
        ok(link.endswith(os.path.splitext(name)[1]), link)
        eq(t.curl("-f", link).out, data)
    ok(b"upload slot" in send(t.write("big.bin", bytes((1 << 20) + 1025)), code=1).err, "it says what failed")
    bob.expect_nothing()
