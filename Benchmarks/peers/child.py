"""The parent's side of the line protocol: a contestant is its own process, so that thread pools don't disturb one another."""
import os
import pathlib
import select
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).parent
ROOT = HERE.parents[1]
# glibc hands freed memory back to the system and asks for it again at every layer; torch is faster where it keeps it.
KEEPS_MEMORY = {
    "MALLOC_MMAP_THRESHOLD_": str(4 << 30), "MALLOC_TRIM_THRESHOLD_": str(16 << 30), "MALLOC_TOP_PAD_": str(256 << 20)}


class Failed(Exception):
    """A contestant that can't go on, and why."""


class Unavailable(Failed):
    """A contestant that says itself that it can't do this on this machine."""


def environment(additions={}):
    """What a contestant inherits. An OpenBLAS held to narrow vectors, for equal bytes on all machines, would be no fair one."""
    return {k: v for k, v in os.environ.items() if k != "OPENBLAS_CORETYPE"} | additions


class Child:
    """One contestant at work. `command` is its command line."""

    def __init__(self, command, additions, patience=600):
        self.patience = patience
        self.errors = tempfile.TemporaryFile("w+")
        self.process = subprocess.Popen(
            [str(word) for word in command], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.errors, text=True,
            bufsize=1, env=environment(additions))
        self._hear("ready")

    def _hear(self, word):
        ready, _, _ = select.select([self.process.stdout], [], [], self.patience)
        line = self.process.stdout.readline() if ready else f"silent for {self.patience} s"
        if line.split()[:1] != [word]:
            self.errors.seek(0)
            reason = line.strip() or (self.errors.read().strip().splitlines() or ["no reason given"])[-1]
            self.stop()
            if reason.startswith("unavailable "):
                raise Unavailable(reason.removeprefix("unavailable "))
            raise Failed(reason)
        return line.split()[1:]

    def ask(self, line, word):
        try:
            self.process.stdin.write(line + "\n")
        except BrokenPipeError:
            pass  # it died; its last words come next
        return self._hear(word)

    def go(self, rounds):
        return float(self.ask(f"go {rounds}", "seconds")[0])

    def memory(self):
        return int(self.ask("memory", "memory")[0])

    def answer(self, path):
        self.ask(f"answer {path}", "written")

    def stop(self):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()


def python(script, *arguments):
    """The command line of a peer written in Python."""
    return [sys.executable, "-W", "ignore", HERE / script, *arguments]


def ours(*arguments):
    """The command line of our contestant."""
    return [os.environ.get("BENCH", ROOT / ".build/release/bench"), *arguments]
