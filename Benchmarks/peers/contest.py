"""One case: every contestant's answer is checked, then all take turns, and medians are compared."""
import dataclasses
import statistics
import tempfile

import numpy as np

import child
import load

# A round is long enough for the clock and short enough that all contestants see the same weather.
SECONDS_A_ROUND = 1.2
# Who is this much slower than the best peer in its first round needs no more rounds to be known as slower; and this much if
# other programs took part in that round.
HOPELESS, HOPELESS_EVEN_DISTURBED = 0.6, 0.25
ROUNDS = 5
PATIENCE = 60


@dataclasses.dataclass
class Entry:
    """A contestant and what became of it."""
    name: str
    command: list
    precision: str = "f32"
    is_ours: bool = False
    # Rows for information: they compute something else, or keep more in flight.
    counts: bool = True
    environment: dict = dataclasses.field(default_factory=dict)
    note: str = ""
    rates: list = dataclasses.field(default_factory=list)
    # Cores that others kept busy in each of these rounds.
    disturbance: list = dataclasses.field(default_factory=list)
    memory: int = 0
    error: str = ""
    is_right: bool = False
    # It ended or fell silent; a contestant that says it can't do this has not broken down.
    broke: bool = False
    process: child.Child | None = None
    rounds_at_once: int = 1

    @property
    def undisturbed(self):
        return [r for r, d in zip(self.rates, self.disturbance) if d <= load.LITTLE]

    @property
    def rate(self):
        """The median of the undisturbed rounds, or of all where there are fewer than three."""
        rates = self.undisturbed if len(self.undisturbed) >= 3 else self.rates
        return statistics.median(rates) if rates else 0.0

    @property
    def share_of_others(self):
        return statistics.mean(self.disturbance)

    def run(self, items):
        others = load.Others(self.process)
        rate = items * self.rounds_at_once / self.process.go(self.rounds_at_once)
        self.rates.append(rate)
        self.disturbance.append(others.cores())

    def give_up(self, reason):
        self.process, self.error, self.rates = None, str(reason), []
        self.broke = not isinstance(reason, child.Unavailable)

    def stop(self):
        if self.process:
            self.memory = self.process.memory()
            self.process.stop()
            self.process = None


def start(entry, items, check):
    """Starts a contestant, checks its answer, and times its first round."""
    try:
        entry.process = child.Child(entry.command, entry.environment)
        with tempfile.NamedTemporaryFile(suffix=".f32") as file:
            entry.process.answer(file.name)
            entry.is_right, entry.error = check(entry, np.fromfile(file.name, "<f4"))
        entry.run(items)
        entry.rounds_at_once = max(1, round(SECONDS_A_ROUND * entry.rates[0] / items))
        entry.rates.clear()
        entry.disturbance.clear()
        load.wait(15)
        entry.run(items)
    except child.Failed as reason:
        entry.give_up(reason)


def hold(entries, items, check):
    """Fills in the entries: all take turns, ROUNDS times, or more until each has ROUNDS undisturbed, within PATIENCE seconds of waiting.

    Peers far behind the best leave after their first round: their memory and time are not the others' to bear.
    """
    for entry in entries:
        make_room(entries)
        start(entry, items, check)
        if entries[0].broke:
            raise SystemExit(f"no reference to check against: {entries[0].name}: {entries[0].error}")
        best = max((p.rate for p in peers(entries) if p.counts), default=0.0)
        for peer in peers(entries):
            if peer.rate < best * (HOPELESS if peer.undisturbed else HOPELESS_EVEN_DISTURBED):
                peer.stop()
    patience, sweeps = PATIENCE, 1
    while sweeps < ROUNDS or sweeps < 4 * ROUNDS and patience > 0 and any(
            e.process and len(e.undisturbed) < ROUNDS for e in entries):
        for entry in (e for e in entries if e.process):
            patience -= load.wait(min(patience, 10)) if patience > 0 else 0
            try:
                entry.run(items)
            except child.Failed as reason:
                entry.give_up(reason)
        sweeps += 1
    for entry in entries:
        entry.stop()


def peers(entries):
    """Those at work."""
    return [e for e in entries if e.process and not e.is_ours]


def make_room(entries):
    """Sends away the slowest peers while another as large as the largest may not fit into memory."""
    while len(running := peers(entries)) > 1:
        if load.memory_available() > 1.2 * max(p.process.memory() for p in running):
            return
        min(running, key=lambda p: p.rate).stop()


def best(entries, is_ours, precisions):
    """The fastest right answer among ours or among the peers, at one of the precisions; None where there is none."""
    running = [
        e for e in entries if e.is_ours == is_ours and e.counts and e.is_right and e.rates and e.precision in precisions]
    return max(running, key=lambda e: e.rate, default=None)
