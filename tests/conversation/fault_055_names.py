"""Row 55: a name is resolved once and its addresses judged: a forbidden one is not dialled, an allowed one is dialled by address."""
import socket
import struct
import threading

from talk import *


class Dns:
    """Answers A queries: good.test is 127.0.0.1, anything else 127.0.0.2; counts what it was asked."""

    def __init__(self):
        self.asked = {}
        self.sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.sock.bind(("127.0.0.1", 0))
        self.port = self.sock.getsockname()[1]
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            try:
                data, peer = self.sock.recvfrom(2048)
            except OSError:
                return
            at, labels = 12, []
            while data[at]:
                labels.append(data[at + 1:at + 1 + data[at]].decode().lower())
                at += 1 + data[at]
            kind = struct.unpack(">H", data[at + 1:at + 3])[0]
            name = ".".join(labels)
            if kind == 1:
                self.asked[name] = self.asked.get(name, 0) + 1
            question = data[12:at + 5]
            answer = b""
            if kind == 1:
                address = "127.0.0.1" if name.startswith("good") and self.asked[name] == 1 else "127.0.0.2"
                answer = b"\xc0\x0c\0\1\0\1\0\0\0\0\0\4" + socket.inet_aton(address)
            head = data[:2] + b"\x85\x80" + struct.pack(">HHHH", 1, 1 if answer else 0, 0, 0)
            self.sock.sendto(head + question + answer, peer)


def run(t):
    dns = Dns()
    ferry = t.ferry(users=["alice", "bob"], conf={"limits.handshake": "5s"},
                    env={"FERRYD_TEST_NAMESERVER": f"127.0.0.1:{dns.port}"})
    alice = t.xmpp(ferry, "alice", source="127.0.0.1")
    own, elsewhere = t.streamhost(), t.streamhost(host="127.0.0.2")
    offer = alice.offer("bob@localhost", "a.txt", b"1234", methods=("s5b",))
    offer.accepted()
    expect_error(alice.s5b_query("bob@localhost", offer.sid, [(alice.jid, "bad.test", elsewhere.port)], wait=True), "item-not-found")
    eq((own.count, elsewhere.count), (0, 0), "connections")
    uid = alice.s5b_query("bob@localhost", offer.sid, [(alice.jid, "good.test", own.port)])
    wire = own.accept()
    wire.serve(dst_addr(offer.sid, alice.jid, "bob@localhost"))
    alice.s5b_used(uid, "bob@localhost", alice.jid)
    eq(dns.asked.get("good.test"), 1, "look-ups of the name")
    wire.write(b"1234")
    wire.close()
    take_notice(alice, "stored")
    dns.sock.close()
