"""Row 101: what unpacks to gigabytes (zip, gzip, bzip2, xz, nested archives, PNG, GIF, PDF, SVG entities) is stored and served as it is, by every
way in; its type is found from its first bytes in no time, nothing of it is unpacked, and the daemon's and the helper's memory stay."""
import bz2
import gzip
import io
import lzma
import struct
import zipfile
import zlib

from talk import *
from talk.slots import BROWSER, store

TIME_LIMIT = 120
ZEROS = b"\0" * (16 << 20)


def zip_bomb(depth):
    data = ZEROS
    for _ in range(depth):
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as z:
            for i in range(8):
                z.writestr(f"{i}.zip", data)
        data = out.getvalue()
    return data


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png_bomb():
    """30,000 x 30,000 pixels in some kilobytes, and a text that inflates to 16 MiB."""
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", 30_000, 30_000, 1, 0, 0, 0, 0)) +
            chunk(b"zTXt", b"x\0\0" + zlib.compress(ZEROS)) + chunk(b"IDAT", zlib.compress(ZEROS)) + chunk(b"IEND", b""))


def pdf_bomb():
    packed = zlib.compress(zlib.compress(ZEROS))
    return b"%%PDF-1.5\n1 0 obj<</Length %d/Filter[/FlateDecode/FlateDecode]>>stream\n" % len(packed) + packed + b"\nendstream endobj\n%%EOF\n"


ENTITIES = b'<?xml version="1.0"?><!DOCTYPE svg [<!ENTITY a0 "aaaaaaaaaa">' + b"".join(
    b'<!ENTITY a%d "%s">' % (i, b"&a%d;" % (i - 1) * 10) for i in range(1, 12)) + b']><svg xmlns="http://www.w3.org/2000/svg"><text>&a11;</text></svg>'
BOMBS = {
    "a.zip": (zip_bomb(2), "application/zip"),
    "a.gz": (gzip.compress(gzip.compress(ZEROS)), "application/gzip"),
    "a.bz2": (bz2.compress(ZEROS), "application/x-bzip2"),
    "a.xz": (lzma.compress(ZEROS), "application/x-xz"),
    "a.png": (png_bomb(), "image/png"),
    "a.gif": (b"GIF89a\xff\xff\xff\xff\xf7\0\0" + b"\0" * 768 + b"\x2c\0\0\0\0\xff\xff\xff\xff\0\x08" + (b"\xff" + b"\0" * 255) * 100 + b"\0;", "image/gif"),
    "a.pdf": (pdf_bomb(), "application/pdf"),
    "a.svg": (ENTITIES, "image/svg+xml"),
    "a.tar": (b"a" * 100 + b"0000644\0" + b"0000000\0" * 2 + b"77777777777\0" + b"00000000000\0" + b"        0" + b"\0" * 100 + b"ustar  \0" + b"\0" * 300, None),
    "a.elf": (b"\x7fELF\2\1\1\0" + b"\0" * 8 + b"\2\0\x3e\0\1\0\0\0" + b"\xff" * 48 + b"\xff" * 60_000, None),
    "a.txt": (b"(" * 60_000, None),
    "a.eml": (b"From: x\r\n" + b"A" * 60_000, None),
}


def run(t):
    ferry = t.ferry(ways=True, mode="plain")
    store(t, ferry, "first.txt", b"hello")
    helper = int(ferry.log_expect(r"sniff helper started pid=(\d+)")[1])
    before = ferry.rss_kb()
    for name, (data, kind) in BOMBS.items():
        spent = ferry.cpu_s()
        s = store(t, ferry, name, data)
        for way in HTTP_WAYS:
            h = t.http(ferry, way=way)
            for headers in ({}, {"Accept-Encoding": "gzip, deflate, br"}):
                r = h.request("GET", s.get_path, headers).response()
                eq((r.status, r["Content-Encoding"]), (200, None), f"{way}: {name}")
                ok(r.body == data, f"{way}: {name}: the bytes as they were")
                ok(kind is None or r["Content-Type"] == kind, f"{name} is {r['Content-Type']}")
            page = h.request("GET", s.get_path, BROWSER).response()
            eq((page.status, page["Content-Type"]), (200, "text/html; charset=utf-8"), name)
            ok("<img" not in page.text and "<object" not in page.text, "no preview")
        ok(ferry.cpu_s() - spent < 1, f"{name} took {ferry.cpu_s() - spent:.2f} s of the processor")
    ok(not ferry.log_has("sniff helper replaced"), "the helper had no trouble")
    with open(f"/proc/{helper}/status", encoding="ascii") as f:
        peak = int(re.search(r"VmHWM:\s+(\d+)", f.read())[1])
    ok(peak < 32_000, f"the helper's memory was {peak} kB")
    ok(ferry.rss_kb() - before < 6_000, f"memory grew by {ferry.rss_kb() - before} kB")

    # A body said to be packed is not unpacked either.
    data = gzip.compress(ZEROS[:1 << 20])
    s = store(t, ferry, "b.bin", data, headers={"Content-Encoding": "gzip"})
    r = t.get(s.get)
    eq((r.body == data, r["Content-Encoding"]), (True, None))
