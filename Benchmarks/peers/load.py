"""How busy the machine is, and with whom: timings on a machine that others use are read with care."""
import os
import time

# Cores that other programs may keep busy in a round that counts as undisturbed.
LITTLE = 0.12
_TICK = os.sysconf("SC_CLK_TCK")


def machine():
    """Seconds of all cores in use since the machine started."""
    with open("/proc/stat") as stat:
        fields = [int(x) for x in stat.readline().split()[1:9]]
    return (sum(fields) - fields[3] - fields[4]) / _TICK


def of(child):
    """Seconds of all cores that a contestant has used."""
    with open(f"/proc/{child.process.pid}/stat") as stat:
        fields = stat.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / _TICK


def memory_available():
    """Bytes that could be had without swapping."""
    with open("/proc/meminfo") as facts:
        return 1024 * int(next(line for line in facts if line.startswith("MemAvailable")).split()[1])


def wait(seconds):
    """Waits until the machine is quiet, for so many seconds at most, and says how long it took. No contestant is at work then."""
    began = time.time()
    while time.time() - began < seconds:
        before = machine()
        time.sleep(0.4)
        if machine() - before < 0.4 * LITTLE:
            break
    return time.time() - began


class Others:
    """What other programs took of the machine, in cores, while a contestant was at work."""

    def __init__(self, child):
        self.child, self.began, self.busy = child, time.time(), machine() - of(child)

    def cores(self):
        return max(0.0, machine() - of(self.child) - self.busy) / (time.time() - self.began)
