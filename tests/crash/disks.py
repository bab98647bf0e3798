"""Disks that are full, slow or odd: rows 104, 105, 107 and 123."""
import errno
import threading
import time

import dice
import talk
from dice import payload
from machine import COUNT, FAIL, Machine
from talk import eq, ok
from uploads import Delete, Ibb, Pieces, Put
from walk import check_in_band, go_on_all, machine, play


def row107(t):
    m = Machine(t, users=("alice", "bob"))
    m.in_band, m.in_band_doubt = [], []
    m.up()
    for field in ("short_writes", "interrupt"):
        setattr(m.control, field, 1)
        for scene in (Put(), Ibb(), Delete()):
            told, _act, _spare = play(m, scene, mode=COUNT)
            ok(scene.done(told), f"row 107: {field}: told {told}")
        m.disarm()
        m.ferry.restart()
        check_in_band(m, m.verify_restarted())
        setattr(m.control, field, 0)
    m.down()
    return "short writes and interrupted calls: equal bytes"


def row105(t):
    """No inode for a new file: every creation fails, what exists can be read and removed."""
    m = machine(t, Put())
    path = next(iter(m.kept))
    slot = m.slot("a.bin", 10)
    m.arm(mode=FAIL, at=1, error=errno.ENOSPC, sticky=True, kinds=["open", "mkdir", "link"])
    eq(m.put(slot, b"0123456789"), 507, "row 105: PUT without inodes")
    eq(m.request("GET", path)[0], 200, "row 105: reads go on")
    eq(m.remove(path), 0, "row 105: removals go on")
    m.disarm()
    eq(m.put(slot, b"0123456789"), 201, "row 105: the same slot when there are inodes again")
    m.verify_restarted()
    m.down()
    return "507, reads and removals go on"


def row104_full(t):
    """A disk that stays full: nothing can be written or grown; reads and removals go on; then it has room again."""
    m = machine(t, Put())
    path = next(iter(m.kept))
    slot, big = m.slot("a.bin", 10), m.slot("b.bin", 3_000_000)
    part = m.part("c.bin", payload(2_000_000))
    eq(m.piece(part, 700_000), 204, "row 104: a piece")
    for error in (errno.ENOSPC, errno.EDQUOT):
        m.arm(mode=FAIL, at=1, error=error, sticky=True, kinds=["open", "fallocate"])
        eq(m.put(slot, b"0123456789"), 507, "row 104: PUT on a full disk")
        eq(m.put(big, bytes(3_000_000)), 507, "row 104: large PUT on a full disk")
        eq(m.piece(m.part("d.bin", payload(10)), 10), 507, "row 104: an upload in pieces")
        eq(m.request("GET", path)[0], 200, "row 104: reads go on")
        m.disarm()
    eq(m.remove(path), 0, "row 104: removals go on")
    eq(m.put(big, bytes(3_000_000)), 201, "row 104: the same slot when there is room")
    go_on_all(m)
    m.verify_restarted()
    m.down()
    return "507, reads and removals go on"


def row104_in_band(t):
    """An offer taken while the disk is full: resource-constraint, wait; and the sender is told why."""
    m = machine(t, Ibb())
    alice = t.xmpp(m.ferry, "alice")
    m.arm(mode=FAIL, at=1, error=errno.ENOSPC, sticky=True, kinds=["open", "fallocate"])
    offer = alice.offer("bob@localhost", "a.bin", payload(20_000), methods=("ibb",))
    offer.accepted("ibb")
    alice.ibb_open("bob@localhost", offer.sid, 4096)
    ident = alice.ibb_data("bob@localhost", offer.sid, 0, payload(4096))
    answer = alice.take("iq", id=ident)
    for seq in range(1, 5):
        if answer["type"] == "error":
            break
        ident = alice.ibb_data("bob@localhost", offer.sid, seq, payload(4096 if seq < 4 else 20_000 - 4 * 4096))
        answer = alice.take("iq", id=ident)
    if answer["type"] != "error":
        answer = alice.ibb_close("bob@localhost", offer.sid)
    talk.expect_error(answer, "resource-constraint", type="wait")
    m.disarm()
    talk.take_notice(alice, "failed")
    alice.close()
    eq([r for r in m.ferry.ctl("ls", "--json").objects if r["took"] == "si"], [], "nothing of it is listed")
    m.ferry.restart()
    m.verify_restarted()
    m.down()
    return "resource-constraint, and a notice"


def small_disk(t, options):
    """A machine whose spool is a small tmpfs of its own; None where nothing can be mounted."""
    mount = f'mount -t tmpfs -o mode=700,{options} tmpfs "$SHIM_DIR" && exec "$@"'
    probe = t.command(["unshare", "-m", "sh", "-c", "mount -t tmpfs -o size=1m tmpfs /mnt"], code=None)
    if probe.code != 0:
        return None
    m = Machine(t)
    m.ferry.wrapper = ["unshare", "-m", "sh", "-c", mount, "sh"]
    return m.up()


def fill(m, sizes):
    """Uploads of each size until there is no room."""
    for size in sizes:
        puts = 0
        while (status := m.put(m.slot("fill.bin", size), payload(size))) == 201:
            puts += 1
            ok(puts < 400, "the disk never filled")
        eq(status, 507, "the disk is full")


def row104_tmpfs(t, options="size=14m", sizes=(600_000, 60_000, 4000)):
    """A disk that is full in earnest: filled to the last page, read, emptied, filled again."""
    m = small_disk(t, options)
    if not m:
        return "not tried: nothing can be mounted here"
    cycles = 3 if dice.ALL else 1
    for cycle in range(cycles):
        fill(m, sizes)
        m.verify()
        for path in list(m.kept)[: len(m.kept) - 3]:
            eq(m.remove(path), 0, f"cycle {cycle}: removals go on")
        m.wait(lambda: m.put(m.slot("again.bin", sizes[0]), bytes(sizes[0])) == 201, f"cycle {cycle}: room again")
    m.verify()
    m.fsck()
    m.down()
    return f"filled and emptied {cycles} times"


def row123(t):
    """Fsyncs of three seconds: another session's ping, a GET and the answers to in-band blocks do not wait."""
    scene = Ibb()
    scene.conf = Pieces.conf
    m = machine(t, scene)
    alice, carol = t.xmpp(m.ferry, "alice"), t.xmpp(m.ferry, "bob", priority=-1)
    path = next(iter(m.kept))
    m.store("warm.bin", payload(10))
    slots = [(m.slot(f"s{i}.bin", 1000), payload(1000)) for i in range(6)]
    parts = [m.part(f"p{i}.bin", payload(300_000)) for i in range(4)]
    m.control.delay_ms = 3000
    m.arm(mode=COUNT)
    uploads = [threading.Thread(target=m.put, args=one, daemon=True) for one in slots]
    uploads += [threading.Thread(target=m.piece, args=(part, 150_000), daemon=True) for part in parts]
    for u in uploads:
        u.start()
    m.wait(lambda: any(" fsync " in line for line in m.calls()), "a slow fsync to begin")
    worst = 0
    until = time.monotonic() + 2.5
    while time.monotonic() < until:
        began = time.monotonic()
        carol.iq_get("<ping xmlns='urn:xmpp:ping'/>", to="localhost")
        worst = max(worst, time.monotonic() - began)
        began = time.monotonic()
        eq(m.request("GET", path)[0], 200)
        ok(time.monotonic() - began < 1, "row 123: a GET waited for the disk")
    m.control.delay_ms = 0
    m.disarm()
    for u in uploads:
        u.join(30)
    alice.close()
    go_on_all(m)
    limit = 0.1 if dice.ALL else 1  # the sample shares its processors with other tests
    ok(worst < limit, f"row 123: a ping waited {worst * 1000:.0f} ms for another session's fsync")
    m.verify()
    m.down()
    return f"the slowest ping took {worst * 1000:.0f} ms"


def row123_writes(t):
    """Writes of two seconds: it is not the client who is slow."""
    scene = Put()
    scene.conf = {"limits.stall": "1s"}
    m = machine(t, scene)
    data = payload(100_000)
    slot = m.slot("slow.bin", len(data))
    m.control.delay_ms = 2000
    m.arm(mode=COUNT, kinds=["write"])
    eq(m.put(slot, data), 201, "row 123: a PUT on a disk that is slower than limits.stall")
    m.control.delay_ms = 0
    m.disarm()
    m.verify()
    m.down()
    return "it was stored"
