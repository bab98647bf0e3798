"""What Ferry does not take by Jingle: who may not is told as anybody absent is; all else gets a result and a session-terminate with
the fitting reason of XEP-0166. Nothing of it is stored or noticed."""
from talk import *


def run(t):
    ferry = t.ferry(users=["alice", "bob", "carol"], conf={"storage.max_file_size": "1M", "limits.offers_per_user": "2",
                                                          "storage.inbox_quota": "2M"})
    alice = t.xmpp(ferry, "alice")
    bob, data = "bob@localhost", b"12345"
    alice.jingle("nobody@localhost", data=data).refused("service-unavailable")
    carol = t.xmpp(ferry, "carol")
    carol.iq_set("<block xmlns='urn:xmpp:blocking'><item jid='alice@localhost'/></block>")
    carol.end()
    alice.jingle("carol@localhost", data=data).refused("service-unavailable")
    alice.jingle(bob, size=1_048_577).turned_down("media-error", "{jft_errors}file-too-large")
    alice.jingle(bob, data=data, method="urn:xmpp:jingle:transports:ice-udp:1").turned_down("unsupported-transports")
    take_notice(alice, "upload")
    alice.jingle(bob, data=data, app=NS["jft"] + "3").turned_down("unsupported-applications")
    alice.jingle(bob, data=data, senders="responder").turned_down("media-error", "{jft_errors}file-not-available")
    alice.jingle(bob, data=data, more="<content creator='initiator' name='b'/>").turned_down("failed-application")
    alice.jingle(bob, data=data, file_extra="<range offset='4096'/>").turned_down("failed-application")
    alice.jingle(bob, data=data, content_extra="<security xmlns='urn:xmpp:jingle:jet:0'/>").turned_down("security-error")
    for size in ("-1", "1e3", "99999999999999999999", "", " 5"):
        alice.jingle(bob, size=size).refused("bad-request")
    for wrong in ({"name": "x" * 1024}, {"name": "..."}, {"block": 0}, {"block": "70000"}, {"stream": ""}, {"sid": ""}, {"sid": "s" * 513},
                  {"description": f"<description xmlns='{NS['jft5']}'/>"}):
        alice.jingle(bob, data=data, **wrong).refused("bad-request")
    alice.jingle(bob, data=data, description="<description xmlns='urn:xmpp:jingle:apps:rtp:1' media='audio'/>").refused("service-unavailable")
    first = alice.jingle(bob, data=data)
    first.accepted()
    alice.jingle(bob, data=data, sid=first.sid).refused("unexpected-request", app="{jingle_errors}out-of-order")
    alice.jingle(bob, data=data, stream=first.stream).refused("unexpected-request", app="{jingle_errors}out-of-order")
    second = alice.jingle(bob, data=data)
    second.accepted()
    alice.jingle(bob, data=data).turned_down("busy")
    for action in ("session-accept", "transport-accept", "transport-reject"):
        expect_error(first.say(action), "unexpected-request", app="{jingle_errors}out-of-order")
    expect_error(first.say("content-add", first.wrap("")), "feature-not-implemented")
    expect_error(first.say("session-info", "<mute xmlns='urn:xmpp:jingle:apps:rtp:info:1'/>"), "feature-not-implemented",
                 app="{jingle_errors}unsupported-info")
    expect_error(first.say("dance"), "bad-request")
    eq(first.say("session-info")["type"], "result", "an empty session-info asks whether the session lives")
    for j in (first, second):
        eq(j.terminate("cancel")["type"], "result")
        expect_error(j.terminate("cancel"), "item-not-found", app="{jingle_errors}unknown-session")
    expect_error(alice.ibb_open(bob, first.stream), "not-acceptable")
    alice.expect_nothing()
    receiver = t.xmpp(ferry, "bob")
    receiver.expect_nothing()
    eq(ferry.ctl("ls").rows, [])
