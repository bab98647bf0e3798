"""Asked to stop again and again until it has ended, the daemon ends as it does when it is asked once: with 0."""
import signal

from talk import *


def run(t):
    ferry = t.ferry()
    while ferry.alive():
        try:
            ferry.child.send_signal(signal.SIGTERM)
        except ProcessLookupError:
            break
        t.turn(0.001)
    ferry.wait_exit(0)
