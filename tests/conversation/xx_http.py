"""http"""
from talk import *
import os
def run(t):
    p = t.spawn(["/usr/bin/python3","-u","-m","http.server","0","--bind","127.0.0.1","--directory",t.folder])
    port = p.expect_line(r"port (\d+)")[1]
    data=os.urandom(3000000)
    t.write("f",data)
    r=t.get(f"http://localhost:{port}/f")
    eq(r.status,200); eq(r.body,data)
    eq(t.head(f"http://localhost:{port}/f")["Content-Length"],"3000000")
    eq(t.curl(f"http://localhost:{port}/f").out,data)
    h=t.http(f"http://localhost:{port}/")
    h.write("GET / HTTP/1.0\r\n\r\n")
    eq(h.response().status,200); h.closed()
    p.signal(2); p.wait()
