#!/usr/bin/python3
"""A real client: Gajim itself, on an X display (Xvfb), with hands in place of the mouse: a command a line on standard input, an event a
line on standard output.

    gajim_peer.py JID PASSWORD HOST PORT FOLDER CERTIFICATE

FOLDER is its home; what it is sent is taken, and put below FOLDER/in. The server's CERTIFICATE is among those its user, and the system,
have accepted.
It listens on all addresses, so it runs in a network of the test's own (t.own_network()).

commands  send FULLJID PATH, upload JID PATH
events    online JID, service (it can upload), takers FULLJID... (it can send to them; whenever that changes), message FROM BODY, offer FROM NAME SIZE, sent NAME,
          received PATH, failed NAME WHY, error WORDS
It ends, with 0, when its standard input does.
"""
import json
import os
import sqlite3
import sys
from pathlib import Path

JID, PASSWORD, HOST, PORT, HOME, CERTIFICATE = sys.argv[1:]
ACCOUNT = "peer"
os.environ.update(NO_AT_BRIDGE="1", GSETTINGS_BACKEND="memory", GTK_USE_PORTAL="0", CRYPTOGRAPHY_OPENSSL_NO_LEGACY="1")

import gi  # noqa: E402

gi.require_versions({"Gtk": "3.0", "GtkSource": "4", "Gdk": "3.0", "PangoCairo": "1.0"})
from gi.repository import Gio, GLib  # noqa: E402


from gajim.common import app, ged  # noqa: E402
from gajim.common.settings import CREATE_SQL  # noqa: E402
from gajim.gtk.application import GajimApplication  # noqa: E402
from nbxmpp import JID as Jid  # noqa: E402
from nbxmpp.http import HTTPSession  # noqa: E402
from nbxmpp.namespaces import Namespace  # noqa: E402


def tell(*words):
    os.write(1, " ".join(map(str, words)).replace("\n", " ").encode() + b"\n")


def make_settings():
    """Those of a user who has set up his account, and wants nothing from the network beside it."""
    name, _, rest = JID.partition("@")
    host, _, resource = rest.partition("/")
    os.makedirs(os.path.join(HOME, "in"))
    with sqlite3.connect(os.path.join(HOME, "settings.sqlite")) as db:
        db.executescript(CREATE_SQL)
        db.execute("UPDATE settings SET settings=? WHERE name='app'", [json.dumps({
            "use_keyring": False, "check_for_update": False, "plugins_update_check": False, "autojoin_sync": False,
            "file_transfers_port": 28011, "last_save_dir": os.path.join(HOME, "in")})])
        db.execute("INSERT INTO account_settings VALUES (?, ?)", [ACCOUNT, json.dumps({"account": {
            "name": name, "hostname": host, "resource": resource, "password": PASSWORD, "active": True, "use_custom_host": True,
            "custom_host": HOST, "custom_port": int(PORT), "custom_type": "START TLS", "use_ft_proxies": True}})])


def trust_certificate(kind):
    """The system's own database cannot be named from outside."""
    begin = kind.__init__

    def trusting(self, *args, **options):
        begin(self, *args, **options)
        self.get_soup_session().set_tls_database(Gio.TlsFileDatabase.new(CERTIFICATE))
    kind.__init__ = trusting


class Peer(GajimApplication):
    input, able, uploads = b"", [], False

    def _startup(self):
        super()._startup()
        app.cert_store.add_certificate(Gio.TlsCertificate.new_from_file(CERTIFICATE))
        for event, handler in (
                ("signed-in", lambda e: tell("online", e.conn.get_own_jid())), ("message-received", self.on_message),
                ("file-request-received", self.on_offer), ("file-completed", self.on_completed),
                ("file-request-error", lambda e: self.on_failed(e, "request")), ("file-send-error", lambda e: self.on_failed(e, "send")),
                ("file-error", lambda e: self.on_failed(e, "file")), ("file-hash-error", lambda e: self.on_failed(e, "hash")),
                ("jingle-ft-cancelled-received", lambda e: tell("failed", e.sid, e.reason))):
            app.ged.register_event_handler(event, ged.POSTGUI, handler)
        GLib.io_add_watch(0, GLib.PRIORITY_DEFAULT, GLib.IO_IN | GLib.IO_HUP, self.on_input)
        GLib.timeout_add(100, self.look_around)

    def on_input(self, *_):
        data = os.read(0, 65536)
        if not data:
            self.activate_action("quit")
            GLib.timeout_add(100, self.quit)
            return False
        *lines, self.input = (self.input + data).split(b"\n")
        for line in lines:
            word, to, path = line.decode().split(" ", 2)
            {"send": self.send_file, "upload": self.upload}[word](to, path)
        return True

    def look_around(self):
        """Gajim tells nobody when it has learned what a resource can."""
        client = app.get_client(ACCOUNT)
        able = sorted(str(r.jid) for contact in client.get_module("Roster").iter_contacts() for r in contact.iter_resources()
                      if r.supports(Namespace.JINGLE_FILE_TRANSFER_5))
        if able != self.able:
            self.able = able
            tell("takers", *able)
        if not self.uploads and client.get_module("HTTPUpload").available:
            self.uploads = True
            tell("service")
        return True

    def send_file(self, to, path):
        if to not in self.able:  # its menu has no entry for this
            return tell("error", to, "takes no files")
        jid = Jid.from_string(to)
        contact = app.get_client(ACCOUNT).get_module("Contacts").get_contact(jid.bare)
        self.interface.instances["file_transfers"].send_file(ACCOUNT, contact, jid, path)

    def upload(self, to, path):
        client = app.get_client(ACCOUNT)
        client.get_module("HTTPUpload").send_file(client.get_module("Contacts").get_contact(to), Path(path))

    # --- events
    def on_message(self, event):
        if event.msgtxt:
            tell("message", event.fjid, event.msgtxt)

    def on_offer(self, event):
        file = event.file_props
        tell("offer", file.sender, file.name, file.size)
        contact = app.get_client(ACCOUNT).get_module("Contacts").get_contact(event.jid)
        self.interface.instances["file_transfers"]._start_receive(os.path.join(HOME, "in", file.name), ACCOUNT, contact, file)

    def on_completed(self, event):
        file = event.file_props
        tell(*(("received", file.file_name) if file.type_ == "r" else ("sent", file.name)))

    def on_failed(self, event, why):
        tell("failed", event.file_props.name, why, event.file_props.error)


make_settings()
trust_certificate(HTTPSession)
code = Peer().run(["gajim", "--config-path", HOME, "--separate"])
sys.stdout.flush()
os._exit(code)  # Python's own end takes apart what GLib's threads still use, and may hang in that
