#!/usr/bin/python3
"""A real client, slixmpp, driven by JSON lines: a command per line on standard input, an event per line on standard output.

    slixmpp_peer.py JID PASSWORD HOST PORT [TAKE]      TAKE: a take command, obeyed before it shows that it is there

commands   {"do": "send", "to", "path", "name", "method": "ibb"|"s5b", "messages": false, "block": 4096}
           {"do": "upload", "path", "type": guessed by the name, "heedless": true leaves the published limit unread}
           {"do": "say", "to", "body"}      {"do": "quit"}
           {"do": "commands", "to"}         its ad-hoc commands
           {"do": "command", "to", "node", "values": {}}    runs one: the first form is filled in with the values, the rest agreed to
           {"do": "take", "dir", "method": any}     from now on every offer is accepted and its bytes put below dir
events     online(jid) message(from, body, oob, transfer) offer(from, name, size) received(path, size) sent(sid)
           uploaded(url) commands(nodes) command(notes, fields) error(what, condition, text) offline
"""
import asyncio
import json
import os
import ssl
import sys
import warnings

warnings.simplefilter("ignore")
import slixmpp  # noqa: E402
from slixmpp.exceptions import IqError, IqTimeout, XMPPError  # noqa: E402
from slixmpp.xmlstream.handler import CoroutineCallback  # noqa: E402
from slixmpp.xmlstream.matcher import StanzaPath  # noqa: E402

IBB, S5B = "http://jabber.org/protocol/ibb", "http://jabber.org/protocol/bytestreams"


def tell(event, **facts):
    sys.stdout.write(json.dumps({"event": event, **facts}) + "\n")
    sys.stdout.flush()


class Peer(slixmpp.ClientXMPP):
    def __init__(self, jid, password):
        super().__init__(jid, password)
        for plugin in ("xep_0030", "xep_0199", "xep_0047", "xep_0050", "xep_0065", "xep_0066", "xep_0095", "xep_0096", "xep_0363"):
            self.register_plugin(plugin)
        # slixmpp 1.8.3 registers this coroutine as a plain function, so that no offer is ever seen.
        self.remove_handler("SI Request")
        self.register_handler(CoroutineCallback("SI Request", StanzaPath("iq@type=set/si"), self["xep_0095"]._handle_request))
        self.folder, self.s5b = None, None
        self.add_event_handler("session_start", self.on_start)
        self.add_event_handler("message", self.on_message)
        self.add_event_handler("failed_auth", lambda _: tell("error", what="login", condition="not-authorized", text=""))
        self.add_event_handler("disconnected", lambda _: tell("offline"))
        self.add_event_handler("si_request", self.on_offer)
        self.add_event_handler("ibb_stream_end", self.on_ibb_end)
        self.add_event_handler("socks5_stream", self.on_s5b)
        self.add_event_handler("socks5_data", self.on_s5b_data)
        self.add_event_handler("socks5_closed", self.on_s5b_closed)
        self.names = {}

    async def on_start(self, _):
        await self.get_roster()
        for command in sys.argv[5:]:
            await self.obey(json.loads(command))
        self.send_presence()
        tell("online", jid=str(self.boundjid))

    def on_message(self, m):
        notice = m.xml.find("{urn:ferry:0}transfer")
        tell("message", **{"from": str(m["from"])}, body=m["body"], oob=m["oob"]["url"] if m.xml.find("{jabber:x:oob}x") is not None
             else None, transfer=dict(notice.attrib) if notice is not None else None)

    # --- receiving ----------------------------------------------------------------------------------------
    async def on_offer(self, iq):
        file = iq["si"]["file"]
        tell("offer", **{"from": str(iq["from"])}, name=file["name"], size=file["size"])
        if self.folder:
            self.names[iq["si"]["id"]] = os.path.join(self.folder, os.path.basename(file["name"]))
            self.expected = int(file["size"])
            self.s5b = (self.names[iq["si"]["id"]], bytearray())
            accepting = self["xep_0095"].accept(iq["from"], iq["si"]["id"], ifrom=iq["to"])
            asyncio.ensure_future(accepting)
        else:
            await self["xep_0095"].decline(iq["from"], iq["si"]["id"], ifrom=iq["to"])

    def on_ibb_end(self, stream):
        # Not stream.gather(): it loses what is still queued when the close comes.
        if stream.sid in self.names and stream.recv_seq >= 0:
            data = b"".join(stream.recv_queue.get_nowait() for _ in range(stream.recv_queue.qsize()))
            self.keep(self.names.pop(stream.sid), data)

    def on_s5b(self, conn):
        pass

    def on_s5b_data(self, data):
        if self.s5b:
            self.s5b[1].extend(data)

    def on_s5b_closed(self, _):
        if self.s5b and len(self.s5b[1]):
            path, data = self.s5b
            self.s5b = None
            self.keep(path, bytes(data))

    def keep(self, path, data):
        with open(path, "wb") as f:
            f.write(data)
        tell("received", path=path, size=len(data))

    # --- sending ------------------------------------------------------------------------------------------
    async def do_send(self, c):
        with open(c["path"], "rb") as f:
            data = f.read()
        to = slixmpp.JID(c["to"])
        method = {"ibb": IBB, "s5b": S5B}[c.get("method", "ibb")]
        file = self["xep_0096"].stanza.File()
        file["name"], file["size"] = c.get("name") or os.path.basename(c["path"]), len(data)
        sid = os.urandom(8).hex()
        answer = await self["xep_0095"].offer(to, sid=sid, profile=file.namespace, methods=[{"value": method}], payload=file, timeout=20)
        chosen = answer["si"]["feature_neg"]["form"].get_values()["stream-method"]
        if isinstance(chosen, list):
            chosen = chosen[0]
        if chosen == IBB:
            stream = await self["xep_0047"].open_stream(to, sid=sid, block_size=c.get("block", 4096),
                                                        use_messages=c.get("messages", False), timeout=20)
            await stream.sendall(data, timeout=20)
            await stream.close(timeout=20)
        else:
            sock = await self["xep_0065"].handshake(to, sid=sid, timeout=20)
            if sock is None:
                raise XMPPError("item-not-found", text="no connection to the proxy")
            await sock.write(data)
            sock.transport.close()
        tell("sent", sid=sid)

    async def do_upload(self, c):
        # slixmpp 1.8.3's own search (get_info_from_domain) does not run on Python 3.11; the same steps by hand.
        disco, upload = self["xep_0030"], self["xep_0363"]
        items = (await disco.get_items(self.boundjid.server, timeout=20))["disco_items"]["items"]
        for jid, _, _ in sorted(items, key=str):
            info = (await disco.get_info(jid, timeout=20))["disco_info"]
            if "urn:xmpp:http:upload:0" in info["features"] and any(i[:2] == ("store", "file") for i in info["identities"]):
                upload.upload_service = jid
                told = info.xml.find(".//{jabber:x:data}field[@var='max-file-size']/{jabber:x:data}value")  # of any of its forms
                upload.max_file_size = float("inf") if c.get("heedless") else int(told.text)
        tell("uploaded", url=await self["xep_0363"].upload_file(c["path"], content_type=c.get("type"), timeout=20))

    async def do_say(self, c):
        self.send_message(mto=c["to"], mbody=c["body"], mtype="chat")

    async def do_commands(self, c):
        items = (await self["xep_0050"].get_commands(c["to"], timeout=20))["disco_items"]["items"]
        tell("commands", nodes=sorted(node for _, node, _ in items))

    async def do_command(self, c):
        ask, values, sid = self["xep_0050"].send_command, dict(c.get("values", {})), None
        answer = (await ask(c["to"], c["node"], timeout=20))["command"]
        while answer["status"] == "executing":
            form = answer["form"]
            for var, value in values.items():
                form.field[var]["value"] = value
            form["type"] = "submit"
            action, sid = "next" if "next" in answer["actions"] else "complete", answer["sessionid"]
            answer = (await ask(c["to"], c["node"], action=action, payload=form, sessionid=sid, timeout=20))["command"]
            values = {}
        tell("command", notes=[list(n) for n in answer["notes"]],
             fields={v: f["value"] for v, f in answer["form"].get_fields().items()} if answer.xml.find("{jabber:x:data}x") is not None else {})

    async def do_take(self, c):
        self.folder = c["dir"]
        if c.get("method"):
            self["xep_0095"].unregister_method({"ibb": S5B, "s5b": IBB}[c["method"]])

    async def do_quit(self, c):
        await self.disconnect(wait=True)
        self.loop.stop()

    async def obey(self, command):
        try:
            await getattr(self, "do_" + command["do"])(command)
        except IqError as e:
            tell("error", what=command["do"], condition=e.iq["error"]["condition"], text=e.iq["error"]["text"])
        except IqTimeout:
            tell("error", what=command["do"], condition="timeout", text="")
        except Exception as e:
            tell("error", what=command["do"], condition=getattr(e, "condition", type(e).__name__), text=str(e))


def main():
    jid, password, host, port = sys.argv[1:5]
    peer = Peer(jid, password)
    peer.ssl_context.check_hostname, peer.ssl_context.verify_mode = False, ssl.CERT_NONE  # the daemon made its own
    peer.connect(address=(host, int(port)), force_starttls=True)

    def line():
        text = sys.stdin.readline()
        if text.strip():
            asyncio.ensure_future(peer.obey(json.loads(text)))
        elif not text:
            peer.loop.stop()
    peer.loop.add_reader(sys.stdin, line)
    peer.loop.run_forever()


main()
