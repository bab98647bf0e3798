"""slixmpp finds the service's ad-hoc commands and goes through them with its own forms: one without arguments, one with a choice, and
a file deleted in two steps."""
from talk import *


def run(t):
    ferry = t.ferry(users=["alice"])
    eq(t.put(ferry.ctl("slot", "a.txt", 4, "--from", "alice@localhost").dict["put"], b"1234").status, 201)
    ident = ferry.ctl("ls", "--json").objects[0]["id"]
    alice = t.slixmpp(ferry, "alice")
    alice.do("commands", to="upload.localhost")
    ok({"list", "delete", "deliver", "mute"} <= set(alice.event("commands")["nodes"]), "the commands")

    def command(node, **values):
        alice.do("command", to="upload.localhost", node=node, values=values)
        return alice.event("command")

    listed = command("list")["fields"]["answer"]
    ok(f'{ident[:8]} "a.txt", 4 B' in listed, listed)
    eq(command("takeover", switch="off")["notes"], [["info", "No files are taken for you."]])
    eq(command("delete", id=ident[:8])["notes"], [["info", '"a.txt" is deleted.']])
    eq(command("list")["notes"], [["info", "You have no files."]])
    alice.quit()
