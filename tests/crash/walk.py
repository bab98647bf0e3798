"""How a scene is played: without a fault, to count its file calls, and then once for each call: killed before it, the power cut
before it, or the call failing."""
import errno
import os
import shutil
import time

import dice
import talk
from dice import payload, pick, rng
from machine import COUNT, FAIL, KILL, Machine
from talk import Failure, eq, ok
from uploads import Put


def machine(t, scene, power=False):
    m = Machine(t, users=scene.users, conf=scene.conf, power=power)
    m.in_band, m.in_band_doubt = [], []
    m.up()
    m.store("before.bin", payload(20_000))
    return m


def check_in_band(m, rows):
    """Every offer whose close was answered is stored, with its bytes; the others are whole or not there."""
    have = {}
    for row in rows:
        if row["took"] in ("si", "jingle") and row["state"] == "stored":
            have[row["sha256"]] = row
    for data in m.in_band:
        ok(talk.sha256(data) in have, f"an acknowledged offer is lost ({len(data)} bytes)")
    known = {talk.sha256(d) for d in m.in_band + m.in_band_doubt}
    ok(set(have) <= known, "something else than what was sent is stored")


def play(m, scene, **orders):
    """One turn of a scene under the shim; returns what the client was told, the act, and a slot made before."""
    act = scene.prepare(m)
    spare = m.slot("spare.bin", 1)
    m.arm(**orders)
    told = act()
    return told, act, spare


def count_calls(m, scene):
    """How many file calls a scene makes: in a full run the most of a few plays."""
    counts = []
    for _ in range(scene.counts if dice.ALL else 1):
        told, _act, _spare = play(m, scene, mode=COUNT)
        m.t.say("\n".join(m.calls()))
        ok(scene.done(told), f"without a fault the client was told {told}")
        scene.rest(m)
        settle(m)
        counts.append(m.disarm())
    return max(counts)


def settle(m):
    """Waits until the process makes no more file calls: what follows an answer (a mark, an unlink) is counted too. Nothing tells of
    its end, so this looks; a call that came later would only not be tried by itself."""
    last = -1
    while m.control.count != last:
        last = m.control.count
        time.sleep(0.03)


# --- row 102: killed at every call --------------------------------------------------------------------------
def kill_now(m, spare):
    """Right behind an answer; with power: a cut at the next call, which an upload into the spare slot brings, if nothing else does."""
    if not m.control.power:
        m.ferry.kill9()
        return
    m.arm(mode=KILL, at=1, log=False)
    if m.put(spare, b"x") == 403:  # the scene has put the clock on since it was granted
        m.put(m.slot("spare.bin", 1), b"x")
    m.wait_dead()


def go_on_all(m):
    """Every upload that broke off goes on to its end."""
    for part in list(m.parts.values()):
        m.go_on(part)
    if m.parts:
        raise Failure("uploads that do not end")


def kills(t, name, scene, power=False):
    m = machine(t, scene, power)
    count = count_calls(m, scene)
    ks = pick(count, scene.sample // 2 if power else scene.sample)
    for k in ks:
        where = f"{name}: {'power cut' if power else 'killed'} before call {k} of {count}"
        t.say(where)
        try:
            told, act, spare = play(m, scene, mode=KILL, at=k)
            if not m.control.fired and k <= count:
                settle(m)  # it may be one of those behind the answer
            if not m.control.fired:
                scene.rest(m)
            if m.control.fired:
                m.wait_dead()
            else:
                kill_now(m, spare)
            m.disarm()
            scene.dead(m)
            m.up()
            check_in_band(m, m.verify_restarted())
            if name in ("put", "small") and told != 201:  # the same slot, again
                again = act()
                ok(again in (201, 409), f"the slot afterwards: {again}")
                m.verify()
            scene.after(m)
            go_on_all(m)
        except Failure as e:
            raise Failure(f"{where}: {e}\n" + "\n".join(m.calls())) from e
    m.down()
    return f"killed at {len(ks)} of {count + 1} points"


def kill_start(m, k):
    """A start that is killed before its call k, if it makes so many, and then one that is not."""
    m.arm(mode=KILL, at=k)
    m.ferry.start(wait=False)
    m.wait(lambda: m.ferry.code is not None or m.ferry.log_has(r"\bready\b", m.ferry.started_at), "the start to end")
    if m.control.fired:
        m.wait_dead()
        m.disarm()
        m.up()
    else:
        m.disarm()
        m.ferry.ready()


def kills_start(t, most):
    """A start that has everything to recover: leftovers in tmp/, a part that is wanted, an orphan, an unfinished row."""
    m = machine(t, Put())
    spool = m.ferry.spool

    def litter():
        data = payload(40_000)
        m.store("whole.bin", data)
        eq(m.piece(m.part("kept.bin", payload(90_000)), 50_000), 204, "a piece")
        slot = m.slot("unfinished.bin", 100_000)
        h = t.http(m.ferry)
        h.request("PUT", slot[0], {"Content-Length": 100_000, "Expect": "100-continue"})
        eq(h.response(interim=True).status, 100)
        h.write(bytes(70_000))
        m.wait(lambda: len(m.ferry.spool_files("tmp/*")) > 1, "the upload to begin")
        m.ferry.kill9()
        h.close()
        orphan = "-" * 37 + rng.choice("abcdefgh")
        with open(os.path.join(spool, "data", "-", f"{orphan}.{rng.randrange(1, 10 ** 9)}"), "wb") as f:
            f.write(b"nobody's")

    litter()
    m.arm(mode=COUNT)
    m.up()
    count = m.control.count
    m.disarm()
    m.verify_restarted()
    go_on_all(m)
    ks = pick(count, most)
    for k in ks:
        where = f"start: killed before call {k} of {count}"
        t.say(where)
        try:
            litter()
            kill_start(m, k)
            m.verify_restarted()
            go_on_all(m)
        except Failure as e:
            raise Failure(f"{where}: {e}\n" + "\n".join(m.calls())) from e
    m.down()
    return f"killed at {len(ks)} of {count + 1} points"


def kills_first_start(t, most, power=False):
    """A start on an empty folder, which makes keys, certificate, folders and index: killed anywhere, the next start goes on."""
    m = Machine(t, power=power)
    spool = m.ferry.spool

    def wipe():
        m.down()
        for name in os.listdir(spool):
            path = os.path.join(spool, name)
            shutil.rmtree(path) if os.path.isdir(path) else os.unlink(path)
        m.kept.clear()

    m.arm(mode=COUNT)
    m.up()
    count = m.disarm()
    ks = pick(count, most)
    for k in ks:
        where = f"first start: {'power cut' if power else 'killed'} before call {k} of {count}"
        t.say(where)
        try:
            wipe()
            kill_start(m, k)
            m.store("a.bin", payload(1000))
            m.ferry.restart(kill=True)
            m.verify_restarted()
        except Failure as e:
            raise Failure(f"{where}: {e}\n" + "\n".join(m.calls())) from e
    m.down()
    return f"killed at {len(ks)} of {count + 1} points"


# --- rows 104 and 106: each call fails ----------------------------------------------------------------------
def fails(t, name, scene, error, most):
    m = machine(t, scene)
    count = count_calls(m, scene)
    full = error in (errno.ENOSPC, errno.EDQUOT)
    before = next(iter(m.kept))
    ks = [k for k in pick(count, most) if k <= count]
    for k in ks:
        where = f"{name}: call {k} of {count} fails with {errno.errorcode[error]}"
        t.say(where)
        try:
            told, _act, spare = play(m, scene, mode=FAIL, at=k, error=error)
            settle(m)
            m.disarm()
            ok(m.ferry.code is None, "the daemon died")
            read_only = m.ferry.log_has("alarm read-only", m.ferry.started_at)
            allowed = (201, 507) if full and not read_only else (201, 500, 503, 507)
            ok(name not in ("put", "small", "pieces", "goon") or told in allowed, f"the upload was told {told}")
            eq(m.request("GET", before)[0], 200, "reads go on")
            if name in ("put", "small") and told != 201:
                eq(m.request("GET", scene.path)[0], 404, "refused, so not there")
            if name == "rotate":
                scene.after(m)
            if not read_only:
                m.store("after.bin", payload(3000))
                eq(m.remove(list(m.kept)[-1]), 0, "removals go on")
                m.verify()
            else:
                eq(m.put(spare, b"x"), 503, "an upload while the spool is read-only")
                m.ferry.kill9() if rng.random() < 0.5 else m.down()
                m.up()
            if name == "ibb" or k == ks[-1]:
                m.down()
                m.up()
                check_in_band(m, m.verify_restarted())
            elif read_only:
                m.verify_restarted()
            go_on_all(m)
        except Failure as e:
            raise Failure(f"{where}: {e}\n" + "\n".join(m.calls())) from e
    m.down()
    return f"{len(ks)} of {count} calls failed"
