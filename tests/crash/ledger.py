"""Who was told what: the accounts of the scenes in which somebody is told of a file.

Somebody counts as told of a thing when he has acknowledged it: he answered a ping behind its message, or answered the last
iq of the transfer that brought the file. A Ledger listens to the clients of alice and bob, and reads the index of the
daemon that was killed. There it holds that what is stored has still to be told to whoever did not acknowledge it, and that
an acknowledgement was written down at once: at most the transactions that were under way stand between the two. That one
gap is all in which somebody can be told twice, since nobody can write down what he hears in the instant when it is said.
After the next start just those are told who are in the outbox, each once.
"""
import os
import shutil
import sqlite3
import struct
import urllib.parse

from talk import eq, matches, ok

KINDS = ["file", "stored", "failed", "fetched", "expired", "expiring"]  # storage/outbox.h
STORED, EXPIRED = 1, 3  # TRANSFER_*
LINKED = 1             # OUTBOX_LINKED
NOTIFY_OWNER = 1       # GRANT_NOTIFY_OWNER
BETWEEN = 2            # transactions that may stand between an acknowledgement and its mark


def commits(m):
    """How far the index's log has come: (the log's number, transactions in it)."""
    n = 0
    try:
        with open(os.path.join(m.ferry.spool, "index.db-wal"), "rb") as f:
            head = f.read(32)
            if len(head) < 32:
                return 0, 0
            _, _, page, number = struct.unpack(">4I", head[:16])
            while len(frame := f.read(24)) == 24 and frame[8:16] == head[16:24]:
                n += frame[4:8] != bytes(4)
                f.seek(page, os.SEEK_CUR)
    except FileNotFoundError:
        return 0, 0
    return number, n


def read_index(m, *queries):
    """Rows of the index of a daemon that does not run, from a copy: a reader of the original would leave files."""
    folder = m.t.path("copy")
    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(folder)
    for name in ("index.db", "index.db-wal"):
        if os.path.exists(os.path.join(m.ferry.spool, name)):
            shutil.copy(os.path.join(m.ferry.spool, name), folder)
    db = sqlite3.connect(os.path.join(folder, "index.db"))
    try:
        return [db.execute(q).fetchall() for q in queries]
    finally:
        db.close()


class Ledger:
    """delivery: how bob wants his files: link, transfer, both. A thing is (who, word, id); word: link, transfer, or a notice's."""

    def __init__(self, m, delivery):
        self.m, self.delivery = m, delivery
        self.heard = {}   # thing -> how often
        self.sure = {}    # thing -> commits() when it was acknowledged
        self.owed = set() # what the index of the killed daemon says is to be told
        self.coming, self.inband = {}, True  # who -> id of the file that is brought to him
        self.twice = 0    # how often somebody who acknowledged will be told again

    # --- what the clients hear ---
    def client(self, who, presence=True):
        """A client whose messages are noted."""
        x = self.m.t.xmpp(self.m.ferry, who, tls=None, auth="iq-password", presence=False)
        inner, waiting = x._stanza, []

        def stanza(el):
            for thing in self.things(who, el):
                self.heard[thing] = self.heard.get(thing, 0) + 1
                waiting.append(thing)
            if matches(el, "iq[@type='get']/{ping}ping"):
                while waiting:
                    self.certain(*waiting.pop())
            if self.inband and who in self.coming and matches(el, "iq[@type='set']/{ibb}close"):
                self.took(who)
            inner(el)
        x._stanza = stanza
        if presence:
            x.presence()
        x.sync()
        return x

    def things(self, who, el):
        if el.name != "message":
            return []
        if matches(el, "message/{oob}x/url"):
            return [(who, "link", urllib.parse.urlsplit(el.text_of("{oob}x/url")).path.split("/")[2])]
        return [(who, one["state"], one.get("id", "")) for one in el.all("{ferry}transfer")]

    def certain(self, who, word, ident):
        """He acknowledges it now."""
        self.sure.setdefault((who, word, ident), commits(self.m))

    def awaits(self, who, ident, inband=True):
        """The next transfer that is brought to him is of that file. inband: his answer to its close is noted by itself."""
        self.coming[who], self.inband = ident, inband

    def took(self, who):
        """He has got that file; said before his client says so."""
        thing = who, "transfer", self.coming[who]
        self.heard[thing] = self.heard.get(thing, 0) + 1
        self.certain(*thing)

    # --- what is on the disk ---
    def words_of(self, kind, step):
        if KINDS[kind] != "file":
            return [KINDS[kind]]
        return {"link": ["link"], "transfer": ["transfer"],
                "both": ["transfer"] if step == LINKED else ["link", "transfer"]}[self.delivery]

    def dead(self):
        """The daemon is dead: reads who is still to be told, and checks it."""
        m, now = self.m, commits(self.m)
        outbox, rows = read_index(m, "SELECT kind, jid, id, step FROM outbox",
                                  "SELECT id, state, owner, addressee, flags, fetched, remind FROM transfer WHERE addressee <> ''")
        self.owed = {(jid.split("@")[0], word, ident) for kind, jid, ident, step in outbox for word in self.words_of(kind, step)}
        for thing in self.owed & set(self.sure):
            self.twice += 1
            then = self.sure[thing]
            if now[0] == then[0] and not m.control.power:
                ok(now[1] - then[1] <= BETWEEN, f"{thing} was acknowledged {now[1] - then[1]} transactions ago, and will be told again")
        for ident, state, owner, addressee, flags, fetched, remind in rows:
            receiver, sender = addressee.split("@")[0], owner.split("@")[0]
            due = []
            if state == STORED:
                due += [(receiver, word, ident) for word in self.words_of(0, 0)] + [(sender, "stored", ident)]
                due += [(sender, "fetched", ident)] if fetched else [(receiver, "expiring", ident)] if not remind else []
            elif state == EXPIRED and not fetched:
                due += [(sender, "expired", ident)]
            for thing in due:
                if thing[0] == receiver or flags & NOTIFY_OWNER:
                    ok(thing in self.owed or thing in self.sure, f"nobody will be told: {thing}")
            ok(not (fetched and (receiver, "transfer", ident) in self.owed), f"{ident} was fetched, and will be offered again")

    # --- what is told after the start ---
    def told_after(self, before):
        """Everybody is there again and the outbox is empty: exactly what was owed came, once. before: heard when it started."""
        for thing in self.owed:
            eq(self.heard.get(thing, 0) - before.get(thing, 0), 1, f"owed, so told after the start: {thing}")
        for thing, times in self.heard.items():
            new = times - before.get(thing, 0)
            if thing not in self.owed and new > 0:
                ok(new == 1 and before.get(thing, 0) == 0, f"told again after the start: {thing}")
        self.owed = set()
