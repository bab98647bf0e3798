"""Conversations: tests of a running ferryd by actors that speak XMPP, SOCKS5 and HTTP by hand.

A conversation is a file tests/conversation/NAME.py: a docstring that says what is promised, and run(t). The name begins
with the area or `fault_NNN_` (a row of the fault table); one behaviour a file. `TIME_LIMIT = 240` (seconds) replaces 90, where a
loaded machine needs it.

    '''Row 20: a forged from ends the stream with invalid-from.'''
    from talk import *

    def run(t):
        ferry = t.ferry(users=["alice", "bob"], conf={"limits.handshake": "1s"})
        alice = t.xmpp(ferry, "alice")
        alice.send("<message from='bob@localhost' to='bob@localhost'><body>x</body></message>")
        alice.expect_stream_error("invalid-from")
        alice.expect_close()

    tests/run row20            run it (B=build, FERRY_MODE=asan|plain|tsan; FERRY_WAIT=20 seconds a wait may last)
    tests/run -k row20         ... and keep its folder;   -v row20   print the transcript of passed ones too

Every wait ends on an event or fails after 20 s (most take limit=); there is no sleep. While one actor is waited for, all others
are read, and answer pings (auto_pong) and `<r/>` (auto_ack) by themselves; `actor.paused = True` makes one stop reading.
At the end the library closes actors, ends peers, stops daemons by SIGTERM: exit 0 and no sanitizer report, or the test fails.

Checks: eq(got, want, why=""), ok(cond, why), skip(why) (this machine cannot), Failure. t.say(text) puts a remark into the
transcript, t.pump(until, what, limit) waits for any condition of yours while serving the actors, t.folder, t.path(name),
t.write(name, data) -> path.

The daemon
----------
t.ferry(users=(), conf={}, env={}, mode=None, start=True, folder=None, wrapper=(), https=False, ways=False)
    users: names or user("old", password=None, admin=False, legacy=False); passwords are "secret-NAME". Made with ferryctl before
    the start. conf: {"section.key": value}, None removes a default of ours. Defaults: everything on 127.0.0.1; xmpp, xmpp_tls,
    legacy, proxy65 and admin on port 0; http on a free port that stays over restarts (public_url names it); reserve = 0; log
    level debug. mode="plain" takes build/plain (needed for LD_PRELOAD: env={"LD_PRELOAD": path}). wrapper: argv before ferryd.
    https=True: http.listen_tls on port 0. ways=True: that, nginx may stand in front (t.http(ferry, way=)), per_address = 0;
    ways="client_body_timeout 1s;": and has these deadlines, not its own of a minute.
ferry.conf_file .folder .spool .pid .url("/path") .https_url("/path" or a URL) .address("xmpp") -> (host, port) .listeners .rss_kb() .fds() .cpu_s()
ferry.spool_files() -> relative paths ; ferry.hold_index() -> nobody else can write to the index until its .close() ; ferry.index() ; ferry.write_conf(**{"limits.head": "2s"}) rewrites the file
ferry.start(wait=True) .ready() .stop() (SIGTERM, exit 0) .kill9() .restart(kill=False) .signal(n)
    .reload(expect="reload", **{"limits.stall": "1s"}) with changes (a deadline is made short just before it is waited for)
    .wait_exit(code=0) .alive()                 ferry.may_fail = True: its end and log are not judged (it is meant to die)
ferry.ctl("ls", stdin=None, code=0) -> .code .out .err .rows (TSV) .dict (key<TAB>value) .objects (with "--json"); code=None: any
ferry.log_expect(regex, since=0) -> match; ferry.log_mark() for since; ferry.log_has(regex); ferry.log (list of lines)

XMPP
----
t.xmpp(ferry, "alice", resource=None, tls="starttls"|"direct"|None, auth="SCRAM-SHA-256"|"SCRAM-SHA-1"|"PLAIN"|"iq-digest"|
       "iq-password", presence=True, priority=None, password=None, listener=None, name=None, source=None, version=None,
       domain=None, rcvbuf=None, sm=False, auto_ack=True, auto_pong=True, able=())
    A logged-in client. tls=None with SASL needs conf xmpp.require_tls = no; tls=None with iq-... uses the legacy listener and a
    header without version. source="127.0.0.2": connect from there. sm=True: XEP-0198 on before the presence.
    able=("jft5", "jibb"): its presence has these capabilities, see x.able below. t.befriended(ferry, "alice", "bob"): done, and both gone.
    auto_ack/auto_pong=False: from the first stanza on (what waits offline comes with the presence).
t.xmpp(ferry) / t.xmpp(ferry, tls="direct", listener="legacy")     connected only; then by hand:
    x.open_stream(to=None, version="1.0", ns=..., extra="", wait=True) -> x.features, x.stream_id, x.header
    x.starttls(context=None) ; x.open_stream()          tls_context(maximum_version=ssl.TLSVersion.TLSv1_2)
    x.sasl(mech, user, password, scram=None) -> last element; x.sasl_auth(mech, base64text); Scram(mech, user, password, nonce=,
        gs2=) with .first() .final(server_first) .verify(server_final), .extra, .sent_nonce, .proof to do it wrongly
    x.bind(resource) ; x.auth_get(user) ; x.auth_set(user, password, digest=None|True|text, resource="talk") ; x.login(...)
x.send(xml) / x.write(bytes) / x.write_bytewise(data) ; x.id() ; x.shut() (half-close) x.close() x.abort() (reset) x.end() (properly)
x.expect(pattern="*", skip=("presence",), where=None, **attrs)   THE NEXT stanza (after skipped ones) must fit; skip=() none,
    skip=("*",) anything before it
x.take(pattern, where=None, **attrs)    the first one that fits, now or later; others stay queued (use it where order is free)
x.next() ; x.have(pattern) -> those here ; x.expect_nothing() (ping round trip) ; x.sync() (server has handled all)
x.expect_stream_error("policy-violation") ; x.expect_close(tag=None) ; x.eof x.was_reset x.stream_closed
x.send_iq("get"|"set", payload, to=None) -> id ; x.answer(id, to=None) ; x.iq_get(payload, to=None) / x.iq_set(...) -> answer
x.result(iq, payload="") / x.send_error(iq, "forbidden", type="cancel", code=403, app="", text=None)     answers an iq
x.message(to, body, type="chat", extra="") ; x.settled() (what was said to who is away is stored) ; x.presence(priority=None, type=None, to=None) ; x.roster() -> {jid: item}
x.befriend(other) ; x.disco_info(to) -> (identities "cat/type", features) ; x.disco_items(to)
x.sm_enable() x.sm_request() -> h  x.sm_ack(h) ; x.sm_in (received so far) ; x.auto_ack / x.auto_pong = False
x.jid x.bare x.resource

Patterns (talk.stanza): "message[@type='chat']/{oob}x/url", "iq//{file}file[@size='3']", "*[not(@from)]", "a/b[.='text']"; braces hold
a URI or a short name of NS (si file ibb s5b oob data roster disco items ping upload sm ferry stanzas streams sasl ...). Keyword
attributes: body=, from_=, to=, id=, type=: text, None (absent), re.compile(...) or a function.
Elements: el["attr"] el.get("attr") el.name el.ns el.text el.body el.error (condition) el.children el.find(path) el.all(path)
el.text_of(path) el.matches(pattern) el.xml() ; esc(text) ; expect_error(el, "forbidden", type="auth", code=403, app="{si}bad-profile")

Files over XMPP (on the same actor)
-----------------------------------
o = alice.offer(to, name="a.txt", data=b"..", size=None, methods=("s5b","ibb"), range=False, hash=None|True|text, date=None,
        desc=None, sid=None, mime=None, profile=...)        `to` goes out byte for byte
    o.sid o.uid ; o.accepted("ibb") -> method (o.offset, o.length) ; o.refused("bad-request", app="{si}no-valid-streams") ;
    o.answer() (checks that from is the address asked)
alice.send_file(to, name, data, method="ibb"|"s5b"|"proxy", block=4096, window=8, stanza="iq"|"message") -> Offer    all must succeed
alice.leave_file(to, name, data)    in band, for one who is away: she has heard that it is stored
alice.ibb_open(to, sid, block, stanza) -> answer ; ibb_data(to, sid, seq, chunk, stanza, raw=None) -> id ; ibb_blocks(to, sid, data,
    block, window, stanza, seq) ; ibb_close(to, sid) -> answer ; ibb_send(...) = all three     (wait=False: gives the id)
alice.s5b_query(to, sid, hosts, wait=False) -> id, hosts: Streamhost or (jid, host, port) ; s5b_used(id, to, jid) ;
    s5b_send(to, sid, data, host=None, hosts=None, target=None) = with an own streamhost ; dst_addr(sid, from, to)
alice.proxy_address(proxy="proxy.localhost", sid=None) -> (jid, host, port) ; activate(sid, target) -> answer ; proxy_send(to, sid, data)
alice.relay_to(bob, data) -> bob's wire, alice's wire, offer: a file taken by an actor through our proxy, activated, not a byte sent yet
alice.inband_to(bob, data, name, to=None) -> offer: the same in band, opened ; alice.ibb_opened(bob, to, sid), ibb_passed(bob, to, sid, seq, chunk) -> bob's
    <iq/>: steps that he takes
i = bob.expect_offer() -> i.sid i.name i.size i.hash i.date i.methods i.range i.sender i.to i.el
    i.accept("ibb", offset=None, length=None) ; i.decline("forbidden") ; i.receive_ibb(close=False) ; i.receive_s5b(pick=0) -> bytes
put, get, headers = alice.slot(name, size, type=None, dialect="upload"|"upload_old"|"upload_siacs", extra="<children/>") ;
alice.slot_answer(...) -> raw answer ; slot_request(name, size, ...) -> the xml of it
url, message = take_link(bob, "alice@localhost") ; link_of(message) ; take_notice(alice, "stored")["id"]-less message ; md5 sha256

j = alice.jingle(to, name="a.txt", data=b"..", size=None|False, method="ibb"|"s5b", candidates=candidate(jid, host, port, cid=, priority=,
        kind="direct"|"proxy"), block=4096, dstaddr=None, hash=None|True|sum_xml(data or None, algo), version=5, sid=, stream=, ...)
    j.sid j.stream j.content ; j.accepted() -> <transport/> of the session-accept ; j.refused("item-not-found", app="{jingle_errors}unknown-session") ;
    j.turned_down("decline") = result, then session-terminate ; j.expect("transport-info") -> iq, answered ; j.say(action, inner) -> answer ;
    j.checksum(data) ; j.transport_info("<candidate-error/>") ; j.replace("ibb", stream) ; j.terminate("cancel") ; j.succeeded() = received, success ;
    j.ended("media-error", app="{jft_errors}file-too-large")
i = bob.expect_jingle() -> i.sid i.stream i.el (not yet answered) ; i.accept() ; i.terminate("decline") ; i.say(action, inner)
alice.jingle_send(to, name, data) -> Session    a whole file in band, which must succeed
bob.able("jft5", "js5b", "jibb", priority=None)    available, with capabilities (names of NS) that are told when asked for
i = bob.expect_session() -> i.name i.size i.file i.candidates (answered by a result) ; i.receive() -> bytes, all must succeed ; i.accept(range=)
    i.connect(used=True) -> Wire at the proxy that was offered ; i.info("<candidate-error/>") ; i.informed("activated") ; i.replaced() ;
    i.bytes_in_band() ; i.received() ; i.ended("success") ; i.next(action) -> <jingle/>, answered ; i.must(action, inner)

SOCKS5
------
h = t.streamhost(host="127.0.0.1") -> .host .port .count ; w = h.accept() ; w.serve(address) = w.greeting(), w.write(b"\\5\\0"),
    w.request() -> (command, kind, address, port), w.reply(address, rep=0, version=5, kind=3). Not accepted: silent. Drip: write_bytewise.
w = t.socks(host, port, address=None, style="steps"|"bytes"|"pipelined")    a client; without address: w.greet(b"\\0"), w.chosen(),
    w.ask(address, command=1, kind=3, port=0), w.answered() -> (rep, address, port)
Any wire: w.write(data) w.need(n) w.need_until(mark) w.read_all() w.expect_eof() w.shut() w.close() w.abort() w.paused w.received w.quiet
w.start_tls(context=tls_context(), name="localhost", session=None) ; w.sock (version(), session, session_reused) ; w.was_cut (no close_notify)
t.dial(host, port, name="raw", source=None, rcvbuf=None) -> Wire ; t.listen() -> Listener

HTTP
----
h = t.http(ferry, tls=False, listener="http"|"admin", source=None, context=tls_context(), session=None) or t.http(url): h.write(any bytes) ;
    h.request("GET", "/path", headers={}, body=b"", version="HTTP/1.1", length=True) ; r = h.response() ; h.expect_status(404) ; h.closed()
    r.status r.reason r["ETag"] r.all("Vary") r.headers r.body r.text r.json ; headers={"Host": None} leaves it out
t.get(url, headers={}) t.head(url) t.put(url, data, headers={}) t.delete(url) t.fetch(method, url, headers, body) -> r   one connection each
t.curl("-s", "-o", path, url, code=0) -> Proc with .out .code

h = t.http(ferry, way=way) for way in HTTP_WAYS: "first", "later" (a good request was answered on it before), "tls-first", "tls-later",
    "nginx-first", "nginx-later" (talk/ways.py); OWN_WAYS: without nginx, DIRECT_WAYS, TLS_WAYS, NGINX_WAYS. ferry = t.ferry(ways=True).
    by_nginx(r): not our answer. refused(t, ferry, b"bytes of a bad request", 400, later=None, proxied=(), ways=HTTP_WAYS): refused by
    every way, and the connection ends there

Programs
--------
p = t.command([argv], stdin=None, code=0, env=None) -> .out .err .text .code ; p = t.spawn([argv], stdin=True) .send(line)
    .expect_line(regex) .signal(n) .wait() .code
s = t.slixmpp(ferry, "alice", resource=None, take=None)    a slixmpp client: s.do("send", to=, path=, method="ibb"|"s5b", messages=False,
    block=4096), take={"dir":, "method":} takes from the start ;
    s.do("upload", path=, type=, heedless=False) s.do("say", to=, body=) s.do("take", dir=, method="ibb"|"s5b") s.do("commands", to=) s.do("command", to=, node=, values={}) ;
    s.event("sent"|"uploaded"|"commands"|"command"|"message"|"offer"|"received"|"error")
    -> dict ; s.jid ; s.quit()                   s5b sends through the server's proxy. See tests/peers/slixmpp_peer.py.
g = t.gloox(ferry, "alice", "send", to, path, "ibb"|"s5b"|"all"|"proxy", [proxyjid, host, port]) ; t.gloox(ferry, "bob", "take", path, "ibb"|"s5b")
    a libgloox client (a Proc): g.expect_line("online"), "offer NAME SIZE", "accepted", "sent", "notice STATE", "received N" ; g.wait() is 0
p = t.purple(ferry, "alice", resource="purple", address="127.0.0.1")     libpurple, without a face: p.send("send TO PATH"), p.expect_line(r"sent a\.txt"),
    p.received("a.txt") -> bytes, p.quit(). See tests/peers/purple_peer.c. address: what it offers as its own stream host
q = t.qxmpp(ferry, "alice", resource="qxmpp", methods="any")     libqxmpp: q.send("methods ibb|s5b|any"), q.send("proxy JID"), q.send("send FULLJID PATH"), q.send("upload
    PATH"), q.expect_line(r"uploaded (\S+)"), q.received("a.txt"), q.quit(). See tests/peers/qxmpp_peer.cpp
j = t.gajim(ferry, "alice", resource="gajim")     Gajim, on an X display of its own: j.send("send FULLJID PATH"), j.expect_line(r"^sent a\.txt"),
    j.received("a.txt"), j.quit(). See tests/peers/gajim_peer.py
t.own_network(address=None)                       the first line of a test whose clients listen on all addresses: a loopback device of its own, and
    address ("10.1.2.3") on an Ethernet device that leads nowhere
p = t.profanity(ferry, "alice", trust=None)       on a terminal, logged in: p.send("/sendfile PATH") types, p.expect_line(regex) what it
    shows ; p.quit()
t.go_sendxmpp(ferry, "alice", "-h", PATH, "bob@localhost", direct_tls=False, trust=None, code=0) -> Proc    trust: a certificate for https
"""
import re

from . import http, network, peers, socks as _socks, ways, xmpp as _xmpp
from .core import BUILD, LIMIT, MODE, ROOT, Failure, Skip, Talk, build_path, eq, ok, short, skip
from .daemon import Ferry, User, source, user
from .files import dst_addr, link_of, md5, sha256, slot_request, take_link, take_notice
from .http import Http, Response
from .jingle import candidate, sum_xml, transport_xml
from .scram import Scram
from .stanza import NS, El, esc, expect_error, matches, parse
from .ways import DIRECT_WAYS, HTTP_WAYS, NGINX_WAYS, OWN_WAYS, TLS_WAYS, by_nginx, refused
from .wire import Listener, Wire, dial, tls_context
from .xmpp import Xmpp


class Conversation(Talk):
    """`t` of run(t)."""

    def ferry(self, users=(), conf=None, **options):
        return Ferry(self, users, conf, **options)

    def xmpp(self, ferry, user=None, **options):
        return _xmpp.xmpp(self, ferry, user, **options)

    def befriended(self, ferry, *users):
        _xmpp.befriended(self, ferry, *users)

    def streamhost(self, name="streamhost", host="127.0.0.1", port=0):
        return _socks.Streamhost(self, name, host, port)

    def socks(self, host, port, address=None, style="steps", name="socks"):
        return _socks.socks(self, host, port, address, style, name)

    def dial(self, host, port, name="raw", **options):
        return dial(self, name, host, port, **options)

    def listen(self, name="listener", host="127.0.0.1", port=0):
        return Listener(self, name, host, port)

    def http(self, where, tls=False, way=None, **options):
        if way:
            return ways.open_way(self, where, way, **options)
        return http.open_http(self, where, tls, **options)

    def fetch(self, method, url, headers=None, body=b"", **options):
        return http.fetch(self, method, url, headers, body, **options)

    def get(self, url, headers=None, **options):
        return self.fetch("GET", url, headers, **options)

    def head(self, url, headers=None, **options):
        return self.fetch("HEAD", url, headers, **options)

    def put(self, url, data, headers=None, **options):
        return self.fetch("PUT", url, headers, data, **options)

    def delete(self, url, headers=None, **options):
        return self.fetch("DELETE", url, headers, **options)

    def slixmpp(self, ferry, user, **options):
        return peers.Slixmpp(self, ferry, user, **options)

    def own_network(self, address=None):
        network.own_network(self, address)

    def purple(self, ferry, user, **options):
        return peers.Purple(self, ferry, user, **options)

    def qxmpp(self, ferry, user, **options):
        return peers.Qxmpp(self, ferry, user, **options)

    def gajim(self, ferry, user, **options):
        return peers.Gajim(self, ferry, user, **options)

    def profanity(self, ferry, user, **options):
        return peers.Profanity(self, ferry, user, **options)

    def go_sendxmpp(self, ferry, user, *args, **options):
        return peers.go_sendxmpp(self, ferry, user, *args, **options)

    def gloox(self, ferry, user, *args, **options):
        return peers.gloox(self, ferry, user, *args, **options)

    def curl(self, *args, code=0, **options):
        return self.command(["curl", "-sS", "--noproxy", "*", *map(str, args)], code=code, **options)


__all__ = ["BUILD", "DIRECT_WAYS", "HTTP_WAYS", "LIMIT", "MODE", "NGINX_WAYS", "NS", "OWN_WAYS", "ROOT", "TLS_WAYS", "Conversation", "El",
           "Failure", "Ferry", "Http", "Response", "Scram", "Skip", "User", "Wire", "Xmpp", "build_path", "by_nginx", "candidate", "dst_addr", "eq",
           "esc", "expect_error", "link_of", "matches", "md5", "ok", "parse", "re", "refused", "sha256", "short", "skip", "slot_request", "source",
           "sum_xml", "take_link", "take_notice", "tls_context", "transport_xml", "user"]
