"""A network of the test's own: some clients listen on all addresses, which is nobody's business on the machine that tests run on."""
import ctypes
import fcntl
import os
import socket
import struct

from .core import Failure, skip

_NEWUSER, _NEWNET, _UP, _RUNNING = 0x10000000, 0x40000000, 0x1, 0x40
_SIOCSIFFLAGS, _SIOCSIFADDR = 0x8914, 0x8916


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


def _interface(control, name, address):
    """Gives the loopback device an address (an alias where name has a colon) and brings it up."""
    packed = struct.pack("16sHH4s8x", name.encode(), socket.AF_INET, 0, socket.inet_aton(address))
    fcntl.ioctl(control, _SIOCSIFADDR, packed)
    fcntl.ioctl(control, _SIOCSIFFLAGS, struct.pack("16sH14x", name.encode(), _UP | _RUNNING))


def own_network(t, *addresses):
    """From here on this test, and all it starts, sees only a loopback device of its own, and `addresses` on it. First line of run."""
    if t.ferries or t.procs or t.wires:
        raise Failure("own_network() comes first")
    if not _unshare():
        skip("no network namespaces for this user here")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
        _interface(control, "lo", "127.0.0.1")
        for number, address in enumerate(addresses):
            _interface(control, f"lo:{number}", address)
