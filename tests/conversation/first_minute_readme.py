"""What README says can be typed works: make's targets exist, the ferryctl lines run against a daemon like that of `make run`,
and every file it points to is there."""
import os
import shlex

from talk import *


def blocks(text):
    return [b.split("```")[0] for b in text.split("```sh\n")[1:]]


def run(t):
    with open(os.path.join(ROOT, "README.md"), encoding="utf-8") as f:
        text = f.read()
    lines = [line for b in blocks(text) for line in b.splitlines() if line.strip()]
    ok({"make run", "make test"} <= set(lines), lines)
    ferry = t.ferry(users=["alice", "bob"])
    tried = 0
    for line in lines:
        words = shlex.split(line)
        if words[0] == "make":  # run and test themselves have tests of their own; this is one of them
            t.command(["make", "-n", "-C", ROOT, *words[1:]])
        else:
            eq(words[:3], ["./ferryctl", "-c", "run/ferryd.conf"], line)
            t.command([build_path(ferry.mode, "ferryctl"), "-c", ferry.conf_file, *words[3:]], cwd=ROOT)
        tried += 1
    ok(tried >= 6, "the blocks were found")
    eq(len(ferry.ctl("ls").rows), 1, "the file that README sends")
    for target in re.findall(r"\]\(([^)]+)\)", text):
        ok(os.path.exists(os.path.join(ROOT, target)), f"README points to {target}")
