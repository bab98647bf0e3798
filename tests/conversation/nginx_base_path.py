"""Below a path of a host that has other things (`location /files/` in contrib/nginx.conf, public_url with that path) every link that Ferry
makes leads through nginx, and names of any characters arrive as they were."""
from urllib.parse import urljoin

from talk import *
from talk.external import secret_file, signed
from talk.servers import in_front
from talk.slots import BROWSER, slot


def run(t):
    nginx, ferry = in_front(t, path="/files", change={"location / {": "location /files/ {"}, conf={"external.secret_file": secret_file(t)})
    s = slot(t, ferry, "100% & more?#;ü.txt", 5)
    ok(s.put.startswith(nginx.url("/files/u/")), s.put)
    r = t.put(s.put, b"hello")
    eq((r.status, urljoin(s.put, r["Location"])), (201, s.get))
    eq(t.get(s.get).body, b"hello")
    page = t.get(s.get, BROWSER)
    for link in re.findall(r'(?:href|src)="(/[^"]*)', page.text):
        eq(t.get(nginx.url(link)).status, 200, link)
    url = nginx.url("/files/upload/" + signed("d/100% ü?.txt", 5))
    r = t.put(url, b"hello")
    eq((r.status, nginx.url(r["Location"])), (201, url.partition("?")[0]))
    eq(t.get(nginx.url(r["Location"])).body, b"hello")
    eq(t.get(nginx.url("/livez")).status, 404, "the rest of the host is not Ferry's")
