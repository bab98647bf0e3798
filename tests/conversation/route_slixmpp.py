"""A real client, slixmpp, uses the roster, discovery, ping, blocking and version plugins and talks to itself."""
from talk import *

CLIENT = '''
import asyncio, ssl, sys, slixmpp

class Client(slixmpp.ClientXMPP):
    def __init__(self):
        super().__init__("alice@localhost", "secret-alice")
        for name in ("xep_0030", "xep_0092", "xep_0191", "xep_0198", "xep_0199"):
            self.register_plugin(name)
        self.ssl_context.check_hostname = False
        self.ssl_context.verify_mode = ssl.CERT_NONE
        self.heard = asyncio.get_event_loop().create_future()
        self.add_event_handler("session_start", self.talk)
        self.add_event_handler("message", lambda m: self.heard.set_result(m["body"]))

    async def talk(self, _):
        try:
            self.send_presence()
            print("roster", (await self.get_roster())["type"])
            await self.update_roster("bob@localhost", name="Bob", groups=["Friends"])
            print("contact", self.client_roster["bob@localhost"]["name"])
            info = await self["xep_0030"].get_info(jid="localhost")
            print("identity", *sorted(i[:2] for i in info["disco_info"]["identities"]))
            items = await self["xep_0030"].get_items(jid="localhost")
            print("items", *sorted(i[0] for i in items["disco_items"]["items"]))
            await self["xep_0199"].ping("localhost")
            await self["xep_0191"].block("bob@localhost")
            print("blocked", *(await self["xep_0191"].get_blocked())["blocklist"]["items"])
            await self["xep_0191"].unblock("bob@localhost")
            print("version", (await self["xep_0092"].get_version("localhost"))["software_version"]["name"])
            self.send_message(mto=self.boundjid.bare, mbody="to myself", mtype="chat")
            print("message", await asyncio.wait_for(self.heard, 10))
        finally:
            self.disconnect()

client = Client()
client.connect(("127.0.0.1", int(sys.argv[1])))
client.loop.run_until_complete(asyncio.wait_for(client.disconnected, 20))
'''


def run(t):
    ferry = t.ferry(users=["alice", "bob"])
    p = t.command(["/usr/bin/python3", "-c", CLIENT, str(ferry.address("xmpp")[1])])
    eq(p.text.splitlines(),
       ["roster result", "contact Bob", "identity ('server', 'im')", "items proxy.localhost upload.localhost",
        "blocked bob@localhost", "version Ferry", "message to myself"])
