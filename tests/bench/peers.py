"""Other servers beside ferryd in the same round, where they are installed: ejabberd and Prosody (messages, slots, relays) and nginx (PUT
by DAV, GET). Each has a configuration of its own without limits, logs or TLS, on free ports of 127.0.0.1, and the users u0 to u99.

    with peer("ejabberd") as p:      None where it is not installed
        p.pid, p.port("xmpp" | "proxy65" | "http")
"""
import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request

USERS = 100


def free_port():
    """Below the range that outgoing connections take theirs from."""
    for port in range(20000 + os.getpid() % 4000, 32000):
        with socket.socket() as s:
            try:
                s.bind(("127.0.0.1", port))
            except OSError:
                continue
            if port not in given:
                given.add(port)
                return port
    sys.exit("no free port")


given = set()


class Peer:
    listeners = ("xmpp", "proxy65", "http")

    def __init__(self):
        self.folder = tempfile.mkdtemp(prefix="ferry-bench-", dir=os.environ.get("FOLDER"))
        self.ports = {name: free_port() for name in self.listeners}
        self.child = None

    def port(self, name):
        return self.ports[name]

    def path(self, *names):
        return os.path.join(self.folder, *names)

    def write(self, name, text):
        os.makedirs(os.path.dirname(self.path(name)), exist_ok=True)
        with open(self.path(name), "w", encoding="utf-8") as f:
            f.write(text)
        return self.path(name)

    def run(self, argv, env=None):
        out = open(self.path("out"), "wb")
        self.child = subprocess.Popen(argv, stdout=out, stderr=out, cwd=self.folder, env={**os.environ, **(env or {})})
        out.close()
        self.pid = self.child.pid
        end = time.monotonic() + 60
        for port in self.ports.values():  # they do not say when they listen: only a connection tells
            while not self.listens(port):
                if self.child.poll() is not None or time.monotonic() > end:
                    with open(self.path("out"), encoding="utf-8", errors="replace") as f:
                        sys.exit(f"{argv[0]} did not start:\n{f.read()}")
                time.sleep(0.05)

    @staticmethod
    def listens(port):
        with socket.socket() as s:
            return s.connect_ex(("127.0.0.1", port)) == 0

    def stop(self):
        if self.child:
            self.child.send_signal(signal.SIGTERM)
            try:
                self.child.wait(10)
            except subprocess.TimeoutExpired:
                self.child.kill()
                self.child.wait()
        shutil.rmtree(self.folder, ignore_errors=True)


class Prosody(Peer):
    program = "prosody"

    def start(self):
        for i in range(USERS):
            self.write(f"data/localhost/accounts/u{i}.dat", 'return { ["password"] = "p"; };')
        xmpp, proxy, http = (self.ports[name] for name in self.listeners)
        conf = self.write("prosody.cfg.lua", f"""
run_as_root = true; pidfile = "{self.path('pid')}"; data_path = "{self.path('data')}"; certificates = "{self.folder}"
network_backend = "epoll"
modules_enabled = {{ "roster", "saslauth", "disco", "ping", "offline" }}
modules_disabled = {{ "s2s", "tls" }}
c2s_ports = {{ {xmpp} }}; c2s_interfaces = {{ "127.0.0.1" }}; s2s_ports = {{}}; component_ports = {{}}
c2s_require_encryption = false; allow_unencrypted_plain_auth = true
authentication = "internal_plain"; storage = "internal"
http_ports = {{ {http} }}; http_interfaces = {{ "127.0.0.1" }}; https_ports = {{}}; http_external_url = "http://127.0.0.1:{http}/"
proxy65_ports = {{ {proxy} }}; proxy65_interfaces = {{ "127.0.0.1" }}
log = {{ warn = "{self.path('log')}" }}
VirtualHost "localhost"
  ssl = false
Component "upload.localhost" "http_file_share"
  http_file_share_daily_quota = 1e15
  http_file_share_global_quota = 1e15
  http_file_share_access = {{ "localhost" }}
  http_host = "127.0.0.1"
Component "proxy.localhost" "proxy65"
  proxy65_address = "127.0.0.1"; proxy65_acl = {{ "localhost" }}
""")
        self.run(["prosody", "-F", "--config", conf])


class Ejabberd(Peer):
    program = "erl"

    def start(self):
        xmpp, proxy, http = (self.ports[name] for name in self.listeners)
        conf = self.write("ejabberd.yml", f"""
hosts: [localhost]
loglevel: error
auth_method: internal
auth_password_format: plain
api_permissions: {{"all": {{who: all, what: "*"}}}}
registration_timeout: infinity
access_rules: {{local: [{{allow: all}}]}}
listen:
  - {{port: {xmpp}, ip: "127.0.0.1", module: ejabberd_c2s, max_stanza_size: infinity, shaper: none, access: all, starttls: false}}
  - {{port: {http}, ip: "127.0.0.1", module: ejabberd_http, request_handlers: {{/upload: mod_http_upload, /api: mod_http_api}}}}
modules:
  mod_disco: {{}}
  mod_http_api: {{}}
  mod_http_upload: {{host: upload.localhost, docroot: "{self.path('upload')}", put_url: "http://127.0.0.1:{http}/upload",
                    max_size: infinity, access: all, thumbnail: false}}
  mod_proxy65: {{host: proxy.localhost, ip: "127.0.0.1", hostname: "127.0.0.1", port: {proxy}, access: all, shaper: none,
                recbuf: 65536, sndbuf: 65536}}
  mod_roster: {{}}
  mod_offline: {{}}
  mod_ping: {{}}
""")
        self.run(["erl", "+K", "true", "-noinput", "-noshell", "-mnesia", "dir", f'"{self.path("mnesia")}"', "-s", "ejabberd"], env={
            "EJABBERD_CONFIG_PATH": conf, "EJABBERD_LOG_PATH": self.path("log"), "HOME": self.folder,
            "ERL_LIBS": "/usr/lib/x86_64-linux-gnu", "ERL_CRASH_DUMP": self.path("crash")})
        for i in range(USERS):
            body = json.dumps({"user": f"u{i}", "host": "localhost", "password": "p"}).encode()
            with urllib.request.urlopen(f"http://127.0.0.1:{http}/api/register", data=body, timeout=20) as answer:
                answer.read()


class Nginx(Peer):
    program = "nginx"
    listeners = ("http",)

    def start(self):
        os.makedirs(self.path("www", "dav"))
        conf = self.write("nginx.conf", f"""
daemon off; master_process off; pid {self.path('pid')}; error_log {self.path('log')} crit; worker_rlimit_nofile 20000;
events {{ worker_connections 10000; }}
http {{
  access_log off; sendfile on; keepalive_requests 100000000; client_max_body_size 0;
  client_body_temp_path tmp; proxy_temp_path tmp; fastcgi_temp_path tmp; uwsgi_temp_path tmp; scgi_temp_path tmp;
  server {{
    listen 127.0.0.1:{self.ports['http']} backlog=2048;
    root {self.path('www')};
    location /dav/ {{ dav_methods PUT; }}
  }}
}}""")
        self.run(["nginx", "-p", self.folder, "-c", conf])

    def slots(self, count):
        paths = [f"/dav/f{i}" for i in range(count)]
        return paths, paths


@contextlib.contextmanager
def peer(name):
    kind = {"ejabberd": Ejabberd, "Prosody": Prosody, "nginx": Nginx}[name]
    if not shutil.which(kind.program) or (kind is Ejabberd and not shutil.which("ejabberdctl")):
        yield None
        return
    p = kind()
    try:
        p.start()
        yield p
    finally:
        p.stop()
