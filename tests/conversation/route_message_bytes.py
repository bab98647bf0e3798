"""A message arrives as it was meant: languages, namespaces, escapes, attributes with line feeds."""
from talk import *


def run(t):
    ferry = t.ferry(users=["alice", "bob"])
    alice, bob = t.xmpp(ferry, "alice"), t.xmpp(ferry, "bob")
    alice.send(f"<message to='{bob.jid}' id='a&#10;b&apos;&lt;' xml:lang='de' xmlns:p='urn:p' p:mark='1'><body>&lt;&amp;&gt;\n\t'\"&#13;"
               "\u4f60\U0001f600</body><p:x y='&#9;'><z xmlns='urn:z'/></p:x><w xmlns=''/></message>")
    m = bob.expect("message")
    eq(m["id"], "a\nb'<")
    eq(m.body, "<&>\n\t'\"\r\u4f60\U0001f600")
    eq(m.get("{http://www.w3.org/XML/1998/namespace}lang"), "de")
    eq(m.get("{urn:p}mark"), "1")
    eq(m.find("{urn:p}x")["y"], "\t")
    ok(m.find("{urn:p}x/{urn:z}z") is not None, "a namespace was lost")
