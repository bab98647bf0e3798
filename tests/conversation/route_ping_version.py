"""Pings are answered by server, account and services; the version names the program and no operating system."""
from talk import *


def run(t):
    ferry = t.ferry(users=["alice"])
    alice = t.xmpp(ferry, "alice")
    for to in ("localhost", "alice@localhost", None):
        eq(alice.iq_get("<ping xmlns='urn:xmpp:ping'/>", to)["type"], "result")
    el = alice.iq_get("<query xmlns='jabber:iq:version'/>", "localhost")
    eq(el.text_of("query/name"), "Ferry")
    ok(el.text_of("query/version"), "a version")
    eq(el.find("query/os"), None)
