"""Other programs that Ferry works with, each with a configuration of its own on free ports of 127.0.0.1: Prosody and ejabberd (they
serve clients and grant slots at Ferry), nginx (it stands in front). All end with the test.

    p = Prosody(t, ferry, users=["romeo"], module="http_file_share" | "http_upload_external", protocol="v1"|"v2")
    e = Ejabberd(t, ferry, users=["romeo"])
    x = t.xmpp(p, "romeo")         logs in to it like to a Ferry; x.slot(...) asks its upload.localhost
    nginx, ferry = in_front(t, conf={...})     every link of this Ferry goes through nginx; ferry.address("http") is its own listener
"""
import json
import os
import shutil
import socket

from .core import Failure, Proc, ROOT, skip
from .daemon import free_port
from .external import SECRET
from .slots import drip


def certificate(t, folder):
    """A self-signed pair; returns (certificate, key)."""
    pair = os.path.join(folder, "cert.pem"), os.path.join(folder, "key.pem")
    t.command(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj",
               "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-keyout", pair[1], "-out", pair[0]])
    return pair


def needs(program):
    if not shutil.which(program):
        skip(f"{program} is not installed")


class Server:
    """A program that listens on self.port. talk.xmpp takes it for a Ferry: address(), password()."""

    limit = 60

    def __init__(self, t, name):
        self.t, self.name, self.port = t, name, free_port()
        self.folder = t.path(f"{name}-{self.port}")
        os.mkdir(self.folder)

    def path(self, name):
        return os.path.join(self.folder, name)

    def write(self, name, text):
        with open(self.path(name), "w", encoding="utf-8") as f:
            f.write(text)
        return self.path(name)

    def run(self, argv, env=None):
        self.proc = Proc(self.t, argv, self.name, env=env, cwd=self.folder)
        drip(self.t, [], lambda: self.proc.code is not None or self.listens(), f"{self.name} to listen", limit=self.limit)
        if self.proc.code is not None:
            raise Failure(f"{self.name} exited {self.proc.code}: {self.proc.err.decode()}{self.log()}")

    def end(self):
        """Ends it before the test does."""
        self.proc.end()
        shutil.rmtree(self.folder)

    def listens(self):
        with socket.socket() as s:
            return s.connect_ex(("127.0.0.1", self.port)) == 0

    def log(self):
        try:
            with open(self.path("log"), encoding="utf-8", errors="replace") as f:
                return f.read()
        except OSError:
            return ""

    def address(self, listener):
        return "127.0.0.1", self.port

    def password(self, user):
        return f"secret-{user.partition('@')[0]}"


class Prosody(Server):
    """Its configuration is what contrib/prosody.cfg.lua shows, with this test's address and secret."""

    def __init__(self, t, ferry, users=(), module="http_file_share", protocol="v1"):
        super().__init__(t, "prosody")
        needs("prosody")
        if not os.path.exists("/usr/lib/prosody/modules/mod_http_upload_external") and module == "http_upload_external":
            skip("prosody-modules is not installed")
        accounts = os.path.join(self.folder, "data/localhost/accounts")
        os.makedirs(accounts)
        for user in users:
            with open(os.path.join(accounts, f"{user}.dat"), "w", encoding="ascii") as f:
                f.write(f'return {{ ["password"] = "{self.password(user)}"; }};')
        cert, key = certificate(t, self.folder)
        with open(os.path.join(ROOT, "contrib/prosody.cfg.lua"), encoding="utf-8") as f:
            parts = f.read().split("-- or:\n")
        component = next(p for p in parts if f'"{module}"' in p)
        for example, ours in (("https://files.example.org/upload", ferry.url("/upload")), ("upload.example.org", "upload.localhost"),
                              ("the first line of Ferry's secret_file", SECRET), ('_protocol = "v2"', f'_protocol = "{protocol}"')):
            if example not in component and example != '_protocol = "v2"':
                raise Failure(f"contrib/prosody.cfg.lua has no {example}")
            component = component.replace(example, ours)
        conf = self.write("prosody.cfg.lua", f"""
run_as_root = true; pidfile = "{self.path('pid')}"; data_path = "{self.path('data')}"; certificates = "{self.folder}"
modules_enabled = {{ "roster", "saslauth", "disco", "tls", "ping" }}
modules_disabled = {{ "s2s" }}
c2s_ports = {{ {self.port} }}; c2s_interfaces = {{ "127.0.0.1" }}; s2s_ports = {{}}; component_ports = {{}}
http_ports = {{}}; https_ports = {{}}
ssl = {{ certificate = "{cert}"; key = "{key}" }}
authentication = "internal_plain"; storage = "internal"
log = {{ debug = "{self.path('log')}" }}
VirtualHost "localhost"
{component}""")
        self.run(["prosody", "-F", "--config", conf])


class Ejabberd(Server):
    """Its configuration of uploads is what contrib/ejabberd.yml shows. It runs without a node name: no epmd."""

    def __init__(self, t, ferry, users=()):
        super().__init__(t, "ejabberd")
        needs("ejabberdctl")
        needs("erl")
        api = free_port()
        cert, key = certificate(t, self.folder)
        with open(cert, encoding="ascii") as a, open(key, encoding="ascii") as b:
            pem = self.write("both.pem", a.read() + b.read())
        with open(os.path.join(ROOT, "contrib/ejabberd.yml"), encoding="utf-8") as f:
            module = f.read()
        for example, ours in (("https://files.example.org/upload", ferry.url("/upload")), ("upload.example.org", "upload.localhost"),
                              ("the first line of Ferry's secret_file", SECRET)):
            if example not in module:
                raise Failure(f"contrib/ejabberd.yml has no {example}")
            module = module.replace(example, ours)
        conf = self.write("ejabberd.yml", f"""
hosts: [localhost]
loglevel: info
auth_method: internal
certfiles: ["{pem}"]
api_permissions: {{"all": {{who: all, what: "*"}}}}
registration_timeout: infinity
access_rules: {{local: [{{allow: all}}]}}
listen:
  - {{port: {self.port}, ip: "127.0.0.1", module: ejabberd_c2s, starttls: true}}
  - {{port: {api}, ip: "127.0.0.1", module: ejabberd_http, request_handlers: {{/api: mod_http_api}}}}
{module}
  mod_disco: {{}}
  mod_roster: {{}}
  mod_http_api: {{}}
""")
        self.run(["erl", "-noinput", "-noshell", "-mnesia", "dir", f'"{self.path("mnesia")}"', "-s", "ejabberd"], env={
            "EJABBERD_CONFIG_PATH": conf, "EJABBERD_LOG_PATH": self.path("log"), "HOME": self.folder,
            "ERL_LIBS": "/usr/lib/x86_64-linux-gnu", "ERL_CRASH_DUMP": self.path("crash")})
        for user in users:
            r = t.fetch("POST", f"http://127.0.0.1:{api}/api/register", {"Content-Type": "application/json"},
                        json.dumps({"user": user, "host": "localhost", "password": self.password(user)}).encode())
            if r.status != 200:
                raise Failure(f"ejabberd does not register {user}: {r}")


class Nginx(Server):
    """Its configuration is contrib/nginx.conf, with this test's addresses and without TLS."""

    def __init__(self, t):
        super().__init__(t, "nginx")
        needs("nginx")
        self.base = f"http://localhost:{self.port}"

    def url(self, path):
        return self.base + path

    def start(self, ferry, **changes):
        """changes: {text of contrib/nginx.conf: what stands there instead}, as keyword `change=`."""
        with open(os.path.join(ROOT, "contrib/nginx.conf"), encoding="utf-8") as f:
            site = f.read()
        host, port = ferry.address("http")
        for example, ours in {"server 127.0.0.1:8080;": f"server {host}:{port};", "listen 443 ssl;": f"listen 127.0.0.1:{self.port};",
                              "server_name files.example.org;": "server_name localhost;",
                              **changes.get("change", {})}.items():
            if example not in site:
                raise Failure(f"contrib/nginx.conf has no {example}")
            site = site.replace(example, ours)
        site = "\n".join(line for line in site.splitlines() if "ssl_certificate" not in line)
        conf = self.write("nginx.conf", f"""
daemon off; master_process off; pid {self.path('pid')}; error_log {self.path('log')} info;
events {{ worker_connections 256; }}
http {{
access_log off; client_body_temp_path tmp; proxy_temp_path tmp; fastcgi_temp_path tmp; uwsgi_temp_path tmp; scgi_temp_path tmp;
{site}
}}""")
        self.run(["nginx", "-p", self.folder, "-c", conf])
        return self


def in_front(t, conf=None, change=None, path="", **options):
    """nginx and a Ferry behind it: (nginx, ferry). The Ferry's links go through nginx; ferry.address() is its own listener."""
    nginx = Nginx(t)
    ferry = t.ferry(start=False, conf={"http.listen": "127.0.0.1:0", "http.trusted_proxies": "127.0.0.1", **(conf or {}),
                                       "http.public_url": nginx.base + path}, **options)
    ferry.start()
    return nginx.start(ferry, change=change or {}), ferry
