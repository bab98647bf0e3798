"""The disk fails under a copy: what goes to the receiver, in band or through our proxy, goes on as if there were none, and he has it all."""
import base64
import os
import shutil

from talk import *


def run(t):
    data = os.urandom(1_000_000)
    for method in ("ibb", "s5b"):
        ferry = t.ferry(users=["alice", "bob"], conf={"offers.copy": "on"})
        ferry.may_fail = True
        alice, bob = t.xmpp(ferry, "alice"), t.xmpp(ferry, "bob")
        for entry in os.listdir(ferry.spool):
            path = os.path.join(ferry.spool, entry)
            if os.path.isdir(path):
                shutil.rmtree(path)
        if method == "s5b":
            target, requester, _ = alice.relay_to(bob, data)
            requester.write(data)
            requester.close()
            got = target.need(len(data))
            target.close()
        else:
            offer = alice.inband_to(bob, data, block=32768)
            got = b""
            for i in range(0, len(data), 32768):
                el = alice.ibb_passed(bob, bob.jid, offer.sid, i // 32768, data[i:i + 32768])
                got += base64.b64decode(el.find("{ibb}data").text)
            uid = alice.ibb_close(bob.jid, offer.sid, wait=False)
            bob.result(bob.take("iq/{ibb}close"))
            eq(alice.answer(uid, bob.jid)["type"], "result")
        eq(sha256(got), sha256(data), method)
        ferry.log_expect("spool create failed")
        alice.expect_nothing()
        ferry.stop()
