"""Another server that grants slots at Ferry ([external]): what it signs."""
import base64
import hashlib
import hmac
import json
import time
from urllib.parse import quote, urlencode

SECRET = "a secret of two servers"


def signed(path, size, secret=SECRET):
    """`DIR/NAME?v=...` as Prosody's mod_http_upload_external (v1) and ejabberd make it."""
    mac = hmac.new(secret.encode(), f"{path} {size}".encode(), hashlib.sha256).hexdigest()
    return f"{quote(path)}?" + urlencode({"v": mac})


def signed2(path, size, type, secret=SECRET, parameter="v2"):
    """The same with the type: protocol v2; Metronome calls the parameter `token`."""
    mac = hmac.new(secret.encode(), f"{path}\0{size}\0{type}".encode(), hashlib.sha256).hexdigest()
    return f"{quote(path)}?" + urlencode({parameter: mac})


def jwt(path, size, secret=SECRET, head=None, **claims):
    """The Authorization header of Prosody's mod_http_file_share. claims: change or (None) leave out some of them."""
    slot, _, name = path.partition("/")
    now = int(time.time())
    all_claims = {"sub": "romeo@montague.lit", "iat": now, "exp": now + 300, "slot": slot, "expires": now + 86400, "filename": name,
                  "filesize": size, "filetype": "text/plain", **claims}
    part = lambda data: base64.urlsafe_b64encode(data).rstrip(b"=").decode()
    text = part(json.dumps(head or {"alg": "HS256", "typ": "JWT"}).encode()) + "." + \
        part(json.dumps({k: v for k, v in all_claims.items() if v is not None}).encode())
    return {"Authorization": f"Bearer {text}." + part(hmac.new(secret.encode(), text.encode(), hashlib.sha256).digest())}


def secret_file(t, secret=SECRET, mode=0o600):
    """A file with the secret, for external.secret_file."""
    import os
    path = t.write("slots.secret", (secret + "\nthe rest is not read\n").encode())
    os.chmod(path, mode)
    return path
