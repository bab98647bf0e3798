#!/usr/bin/python3
"""Runs a program on a terminal of its own: a line of standard input is typed, what it shows comes out as plain lines.

    on_terminal.py PROGRAM [ARGUMENT...]

Where the program moves the cursor, a new line begins; colours and other attributes are left out. End of input hangs up. Exits as the
program does.
"""
import codecs
import fcntl
import os
import pty
import re
import select
import struct
import sys
import termios

ROWS, COLUMNS = 50, 1000  # no line of interest is broken
MOVE = re.compile(r"\x1b\[[0-9;]*[HfdGABCDEFJK]|\x1b[78DEM]|\r")
OTHER = re.compile(r"\x1b\[[0-9;?=>]*[a-zA-Z]|\x1b[()][0-9A-Za-z]|\x1b[=>]|\x1b\][^\x07]*\x07|[\x07\x08\x0e\x0f]")
PARTIAL = re.compile(r"\x1b[^a-zA-Z=>78]*$")


class Screen:
    """What the program writes, as lines."""

    def __init__(self):
        self.decoder, self.rest = codecs.getincrementaldecoder("utf-8")("replace"), ""

    def show(self, data):
        text = self.rest + self.decoder.decode(data)
        cut = PARTIAL.search(text)
        self.rest, text = (text[cut.start():], text[:cut.start()]) if cut else ("", text)
        text = OTHER.sub("", MOVE.sub("\n", text))
        for line in text.split("\n"):
            if line.strip():
                sys.stdout.write(line.strip() + "\n")
        sys.stdout.flush()


def serve(master):
    screen, wires = Screen(), [master, 0]
    while True:
        for fd in select.select(wires, [], [])[0]:
            try:
                data = os.read(fd, 65536)
            except OSError:  # the program has closed its terminal
                data = b""
            if fd == master:
                if not data:
                    return
                screen.show(data)
            elif data:
                os.write(master, data.replace(b"\n", b"\r"))
            else:
                wires.remove(0)
                os.close(master)
                return


def main():
    child, master = pty.fork()
    if child == 0:
        os.execvp(sys.argv[1], sys.argv[1:])
    fcntl.ioctl(master, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
    serve(master)
    sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))


main()
