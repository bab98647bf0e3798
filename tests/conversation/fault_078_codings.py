"""Row 78: transfer codings other than chunked get 501 and the end, folded ones too, those of HTTP/1.0 400, by every way in and for every
method. In a later plain head a folded one is libmicrohttpd's to read, as chunked."""
from talk import *

CODINGS = (("Transfer-Encoding: chunked, identity", 501), ("Transfer-Encoding: identity, chunked", 501), ("Transfer-Encoding: identity", 501),
           ("Transfer-Encoding: gzip, chunked", 501), ("Transfer-Encoding: xchunked", 501), ("Transfer-Encoding: chunkedx", 501),
           ("Transfer-Encoding: \"chunked\"", 501), ("Transfer-Encoding:", 501), ("Transfer-Encoding: chunked;q=1", 501),
           ("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked", 400), ("Transfer-Encoding: chunked\r\nTransfer-Encoding: x", 400),
           ("Transfer-Encoding : chunked", 400), ("Transfer-Encoding: \x0bchunked", 400))



def run(t):
    ferry = t.ferry(ways=True)
    for method, path in (("PUT", "/u/x/y"), ("PATCH", "/u/x/y"), ("POST", "/f/x/y"), ("GET", "/livez")):
        for fields, status in CODINGS:
            refused(t, ferry, f"{method} {path} HTTP/1.1\r\nHost: localhost\r\n{fields}\r\n\r\n".encode(), status, later=(400, 501))
        refused(t, ferry, f"{method} {path} HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding:\r\n chunked\r\n\r\n0\r\n\r\n".encode(), 501, later="hidden")
        for version in ("1.0", "1.0\r\nConnection: keep-alive"):
            refused(t, ferry, f"{method} {path} HTTP/{version}\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n".encode(), 400)
