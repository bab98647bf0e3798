"""SCRAM by hand (RFC 5802): right, or wrong in any part."""
import base64
import hashlib
import hmac
import os

from .core import Failure, eq


class Scram:
    """The client's half of SCRAM. Change any field between the steps to do it wrongly."""

    def __init__(self, mech, user, password, nonce=None, gs2="n,,"):
        self.hash = "sha256" if "256" in mech else "sha1"
        self.user, self.password, self.gs2 = user, password, gs2
        self.nonce = nonce or base64.b64encode(os.urandom(18)).decode()
        self.extra = ""  # attributes behind the nonce of the first message
        self.proof = None  # bytes: sent instead of the right proof

    def first(self):
        name = self.user.replace("=", "=3D").replace(",", "=2C")
        self.bare = f"n={name},r={self.nonce}{self.extra}"
        return self.gs2 + self.bare

    def final(self, server_first):
        self.server = dict(part.split("=", 1) for part in server_first.split(","))
        nonce = self.server["r"]
        if not nonce.startswith(self.nonce):
            raise Failure(f"the server's nonce {nonce} does not begin with ours")
        self.sent_nonce = getattr(self, "sent_nonce", nonce)
        salted = hashlib.pbkdf2_hmac(self.hash, self.password.encode(), base64.b64decode(self.server["s"]),
                                     int(self.server["i"]))
        mac = lambda key, text: hmac.new(key, text, self.hash).digest()
        key = mac(salted, b"Client Key")
        bare = f"c={base64.b64encode(self.gs2.encode()).decode()},r={self.sent_nonce}"
        message = f"{self.bare},{server_first},{bare}".encode()
        signature = mac(hashlib.new(self.hash, key).digest(), message)
        self.server_signature = mac(mac(salted, b"Server Key"), message)
        proof = self.proof or bytes(a ^ b for a, b in zip(key, signature))
        return f"{bare},p={base64.b64encode(proof).decode()}"

    def verify(self, server_final):
        eq(server_final, "v=" + base64.b64encode(self.server_signature).decode(), "server signature")
