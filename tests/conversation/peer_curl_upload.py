"""curl -T into a slot: with 100-continue, again after the file is stored, with -C - from the start and -C at the offset that HEAD told,
in parts by the draft's headers; a refusal is read as such."""
import os

from talk import *
from talk.slots import PART, offset, slot


def run(t):
    ferry = t.ferry()
    data = os.urandom(2_000_003)
    path = t.write("up.bin", data)
    code = ("-o", t.path("answer"), "-w", "%{http_code} %header{location}")
    s = slot(t, ferry, "up.bin", len(data))
    eq(t.curl("-T", path, "--expect100-timeout", "20", "-H", "Expect: 100-continue", *code, s.put).text, f"201 {s.get_path}")
    eq(t.curl("-f", s.get).out, data)
    eq(t.curl("-T", path, *code, s.put).text, f"201 {s.get_path}", "again")
    s = slot(t, ferry, "up.bin", len(data))
    eq(t.curl("-C", "-", "-T", path, *code, s.put).text, f"201 {s.get_path}", "-C - begins at 0")
    s = slot(t, ferry, "up.bin", len(data))
    part = t.write("part.bin", data[:1_500_000])
    eq(t.curl("-T", part, "-H", "Upload-Complete: ?0", *code, s.put).text, f"201 {s.put_path}")
    eq(t.curl("-I", "-o", os.devnull, "-w", "%header{upload-offset}", s.put).text, "1500000")
    eq(t.curl("-C", "1000", "-T", path, *code, s.put).text.split()[0], "409", "-C at another offset")
    eq(t.curl("-C", "1500000", "-T", path, *code, s.put).text, f"201 {s.get_path}", "-C where it stands")
    eq(t.curl("-f", s.get).out, data)
    s = slot(t, ferry, "up.bin", len(data))
    eq(t.curl("-T", part, "-H", "Upload-Complete: ?0", *code, s.put).text, f"201 {s.put_path}")
    at = offset(t, s)
    rest = t.write("rest.bin", data[at:])
    eq(t.curl("-X", "PATCH", "-T", rest, "-H", f"Content-Type: {PART}", "-H", f"Upload-Offset: {at}", "-H", "Upload-Complete: ?1", *code,
              s.put).text, f"201 {s.get_path}")
    eq(t.curl("-f", s.get).out, data)
    s = slot(t, ferry, "up.bin", 5)
    eq(t.curl("-T", path, *code, s.put).text.split()[0], "413")
