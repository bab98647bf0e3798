"""Plain words to the service: list, link, delete and extend, of a user's own files only, by the beginning of an id or a link; the
answer is a chat message from the service to the resource that asked. Chinese by the word or by xml:lang."""
from talk import *


def run(t):
    ferry = t.ferry(users=["alice", "bob", "eve"])
    alice, eve = t.xmpp(ferry, "alice"), t.xmpp(ferry, "eve")
    bob = t.xmpp(ferry, "bob", resource="here")
    other = t.xmpp(ferry, "bob", resource="there")

    def ask(who, words, extra="", attrs=""):
        who.send(f"<message to='upload.localhost' type='chat'{attrs}><body>{esc(words)}</body>{extra}</message>")
        m = who.expect("message", skip=("presence",))
        eq((m["from"], m["to"], m["type"]), ("upload.localhost", who.jid, "chat"))
        return m.body

    eq(ask(bob, "list"), "You have no files.")
    for name in ("one.txt", "two.txt"):
        eq(t.put(ferry.ctl("slot", name, 4, "--from", "alice@localhost", "--to", "bob@localhost").dict["put"], b"1234").status, 201)
        take_link(bob, "alice@localhost")
        take_link(other, "alice@localhost")
    listed = ask(bob, "list")
    first, second = listed.split("\n")[1:]
    ok('"two.txt", 4 B, from alice@localhost, until 20' in first or '"one.txt", 4 B, from alice@localhost' in first, listed)
    ids = {re.search('"(.*)"', line)[1]: line.split()[0] for line in (first, second)}
    ok("to bob@localhost" in ask(alice, " LIST\n"), "the sender's list")
    other.expect_nothing()

    link = ask(bob, f"link {ids['one.txt']}")
    eq(t.get(link.split("\n")[1]).body, b"1234")
    for who, words, why in ((eve, f"link {ids['one.txt']}", "None of your files"), (eve, f"delete {ids['one.txt']}", "None of your files"),
                            (eve, f"extend {ids['one.txt']} 7d", "None of your files"), (bob, "link", "Write it so: link ID"),
                            (bob, "link " + ids["one.txt"][:5], "Write it so: link ID"), (bob, "link " + "%" * 8, "Write it so: link ID"),
                            (bob, f"extend {ids['one.txt']} soon", "Write it so: extend ID 7d"), (bob, "list 2", "There is no such page."),
                            (bob, f"delete {ids['one.txt']} {ids['two.txt']}", "Write it so: delete ID")):
        ok(why in ask(who, words), f"{words}: {why}")
    eq(ask(eve, "列表"), "您没有文件。")
    eq(ask(eve, "list", attrs=" xml:lang='zh-CN'"), "您没有文件。")

    before = {r["name"]: r["expires"] for r in ferry.ctl("ls", "--json").objects}
    ok("is kept until" in ask(bob, f"extend {ids['one.txt']} 1d"), "never shorter")
    eq({r["name"]: r["expires"] for r in ferry.ctl("ls", "--json").objects}, before)

    slot = ferry.ctl("slot", "short.txt", 4, "--from", "alice@localhost", "--to", "bob@localhost", "--purpose", "ephemeral").dict
    eq(t.put(slot["put"], b"1234").status, 201)
    for who in (bob, other):
        take_link(who, "alice@localhost")
    eq(ask(bob, f"extend {slot['get']} 900d"), "This is not allowed.")
    ok("is kept until" in ask(alice, f"extend {slot['get']} 900d"), "the sender may")
    eq(ask(bob, f"delete {slot['get']}"), '"short.txt" is deleted.')

    put = ferry.ctl("slot", "brief.txt", 4, "--from", "alice@localhost").dict["put"]
    eq(t.put(put, b"1234", {"Ferry-Expires": "3600s"}).status, 201)
    brief = re.search(r'(\S+) "brief.txt"', ask(alice, "list"))[1]
    ok(ask(alice, f"extend {brief} 48h").startswith('"brief.txt" is kept until 20'), "extend")
    ahead = {r["name"]: r["expires"] for r in ferry.ctl("ls", "--json").objects}["brief.txt"]
    ok(ask(alice, "list").count(ahead[:10]) == 1, "as the list says too")
    eq(ask(alice, f"delete {brief}"), '"brief.txt" is deleted.')

    eq(ask(alice, "delete " + link.split("\n")[1]), '"one.txt" is deleted.')
    t_two = ask(bob, f"link {ids['two.txt']}").split("\n")[1]
    eq(ask(bob, f"删除　{ids['two.txt']}"), "“two.txt” 已删除。")
    eq(t.get(link.split("\n")[1]).status, 410)
    gone = t.get(t_two, {"Accept": "text/html"})
    ok(gone.status == 410 and "the receiver" in gone.text, "who removed it")
    eq(ask(bob, "list"), "You have no files.")
    eq(ask(bob, "list", extra="<thread>t1</thread>"), "You have no files.")
