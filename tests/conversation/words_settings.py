"""Plain words for quota, deliver, mute, takeover, accept and help, in both languages; what a user chooses is what `user show` has."""
from talk import *


def run(t):
    ferry = t.ferry(users=["alice"])
    alice = t.xmpp(ferry, "alice")

    def ask(words):
        alice.message("upload.localhost", words)
        return alice.expect("message", skip=("presence",), from_="upload.localhost").body

    def shown():
        return {r["key"]: r["value"] for r in ferry.ctl("user", "show", "alice@localhost", "--json").objects}

    eq(ask("quota"), "Stored by you: 0 files, 0 B of 1.1 GB.\nLeft for you: 0 files, 0 B of 1.1 GB.")
    eq(ask("deliver transfer"), "Files reach you: as a transfer.")
    eq(ask("投递 两者"), "文件送达方式：两者都用。")
    eq(shown()["delivery"], "both")
    ok("only files that fail" in ask("Mute"), "mute")
    eq(shown()["mute"], "on")
    eq(ask("取消静音"), "已取消静音。")
    eq(shown()["mute"], "off")
    eq(ask("takeover off"), "No files are taken for you.")
    eq(ask("accept 联系人"), "Files are taken for you from: my contacts.")
    eq(shown(), {"takeover": "off", "delivery": "both", "mute": "off", "accept_from": "contacts"})
    eq(ask("deliver pigeon"), "Write it so: deliver link|transfer|both")
    eq(ask("投递"), "用法：投递 链接|传输|两者")
    for words, some in (("help", "extend ID 7d: Keep a file for longer"), ("帮助", "延期 编号 7d：延长文件的保存期")):
        ok(some in ask(words), words)
