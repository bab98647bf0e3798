"""kill -9 in the middle of uploads of both dialects: what was recorded is there after the restart, the upload goes on, and the file is
equal byte for byte."""
import os

from talk import *
from talk.slots import TUS, PART, append, offset, slot, tus_append

SIZE, PIECE = 3_000_000, 200_000


def run(t):
    ferry = t.ferry(conf={"slots.checkpoint": "256K"})
    data = os.urandom(SIZE)
    for tus in (False, True):
        s = slot(t, ferry, "killed.bin", SIZE)
        h = t.http(ferry)
        h.request("PATCH", s.put_path, {"Content-Length": SIZE, "Expect": "100-continue", "Upload-Offset": 0,
                                        **({**TUS, "Content-Type": "application/offset+octet-stream"} if tus else
                                           {"Content-Type": PART, "Upload-Complete": "?1"})})
        eq(h.response(interim=True).status, 100)
        for i in range(10):
            mark = ferry.log_mark()
            h.write(data[i * PIECE:(i + 1) * PIECE], quiet=True)
            recorded = int(ferry.log_expect(r"transfer checkpoint .*received=(\d+)", since=mark)[1])
        ferry.restart(kill=True)
        at = offset(t, s)
        ok(recorded <= at <= 10 * PIECE and at >= 8 * PIECE, f"{at}; {recorded} was recorded")
        if tus:
            r = tus_append(t, s, data[at:], at)
            eq((r.status, r["Upload-Offset"]), (204, str(SIZE)))
        else:
            eq(append(t, s, data[at:], at, True).status, 201)
        eq(t.get(s.get).body, data)
    eq(ferry.ctl("fsck").code, 0)
