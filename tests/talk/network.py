"""A network of the test's own: some clients listen on all addresses, which is nobody's business on the machine that tests run on."""
import ctypes
import fcntl
import os
import socket
import struct

from .core import Failure, skip

_NEWUSER, _NEWNET, _UP, _RUNNING = 0x10000000, 0x40000000, 0x1, 0x40
_SIOCSIFFLAGS, _SIOCSIFADDR, _SIOCSIFNETMASK = 0x8914, 0x8916, 0x891C
_RTM_NEWLINK, _REQUEST_ACK_CREATE = 16, 0x1 | 0x4 | 0x400
_IFLA_IFNAME, _IFLA_LINKINFO, _INFO_KIND, _INFO_DATA, _VETH_PEER = 3, 18, 1, 2, 1


def _write(path, text):
    with open(path, "w", encoding="ascii") as f:
        f.write(text)


def _unshare():
    libc = ctypes.CDLL(None, use_errno=True)
    user, group = os.getuid(), os.getgid()
    if user == 0 and libc.unshare(_NEWNET) == 0:
        return True
    if libc.unshare(_NEWUSER | _NEWNET) != 0:
        return False
    _write("/proc/self/setgroups", "deny")
    _write("/proc/self/uid_map", f"{user} {user} 1")
    _write("/proc/self/gid_map", f"{group} {group} 1")
    return True


def _attribute(kind, data):
    return struct.pack("HH", 4 + len(data), kind) + data + bytes(-len(data) % 4)


def _make_veth(name, peer):
    """A pair of Ethernet devices, each the other's cable. By netlink itself: a child (`ip`) would have lost our rights."""
    interface = bytes(16)
    body = interface + _attribute(_IFLA_IFNAME, name.encode() + b"\0") + _attribute(
        _IFLA_LINKINFO, _attribute(_INFO_KIND, b"veth") + _attribute(
            _INFO_DATA, _attribute(_VETH_PEER, interface + _attribute(_IFLA_IFNAME, peer.encode() + b"\0"))))
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0) as netlink:
        netlink.send(struct.pack("=IHHII", 16 + len(body), _RTM_NEWLINK, _REQUEST_ACK_CREATE, 1, 0) + body)
        error = -struct.unpack("=i", netlink.recv(4096)[16:20])[0]
    if error:
        skip(f"no veth devices here: {os.strerror(error)}")


def _request(control, what, name, address):
    fcntl.ioctl(control, what, struct.pack("16sHH4s8x", name.encode(), socket.AF_INET, 0, socket.inet_aton(address)))


def _up(control, name):
    fcntl.ioctl(control, _SIOCSIFFLAGS, struct.pack("16sH14x", name.encode(), _UP | _RUNNING))


def own_network(t, address):
    """From here on this test, and all it starts, sees only a loopback device of its own, and `address`, if any, on an Ethernet
    device that leads nowhere. First line of run."""
    if t.ferries or t.procs or t.wires:
        raise Failure("own_network() comes first")
    if not _unshare():
        skip("no network namespaces for this user here")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
        _up(control, "lo")
        if address:
            _make_veth("eth0", "eth1")
            _request(control, _SIOCSIFADDR, "eth0", address)
            _request(control, _SIOCSIFNETMASK, "eth0", "255.255.255.0")
            _up(control, "eth0")
            _up(control, "eth1")
