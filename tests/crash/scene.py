"""What a scene is; walk.py plays it again and again."""


class Scene:
    conf = {}
    users = ()
    sample = 3  # of its calls that the short run tries; half as many by power cuts
    cut = True  # whether it cuts the power at all
    counts = 3  # plays without a fault, of which the one with the most calls counts, in a full run

    def prepare(self, m):
        """What stands before the calls that are counted; returns act: plays it once, and returns what the client was told."""
        raise NotImplementedError

    def done(self, told):
        """Is that what a client is told without a fault?"""
        return told == 201

    def rest(self, m):
        """Without a fault: what must have happened before the daemon is killed behind the last answer."""

    def dead(self, m):
        """The daemon was killed."""

    def after(self, m):
        """It runs again, and what was acknowledged is there."""
