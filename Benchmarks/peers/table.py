"""What a case prints: a row a contestant, then the ratio that counts."""
import subprocess

import child
import contest
import load


_peaks = {}


def measure_peaks(threads):
    """The measured matrix peak of this machine in GFLOP/s by precision, where our program can measure it: the highest so far,
    since other programs' load only ever lowers it."""
    for precision in ("f32", "bf16"):
        load.wait(20)
        command = [str(word) for word in child.ours("peak", "--precision", precision, "--threads", threads)]
        words = subprocess.run(
            command, capture_output=True, text=True, timeout=120, env=child.environment()).stdout.split()
        if words[:1] == ["peak"]:
            _peaks[precision] = max(float(words[1]), _peaks.get(precision, 0))
    return _peaks


def say(topic, case, entries, gflop, threads, precisions):
    """Prints it, and says whether ours took part and was right.

    `gflop` is one image's; 0 leaves those columns out. `precisions` are those that count in this case.
    """
    peaks = measure_peaks(threads) if gflop else {}
    print(f"\n{topic} {case}")
    if peaks:
        print("  measured matrix peak, GFLOP/s:", ", ".join(f"{k} {v:.0f}" for k, v in peaks.items()))
    print(f"  {'':30} {'images/s':>9} {'GFLOP/s':>8} {'of peak':>8} {'MiB':>7}  answer")
    for e in sorted(entries, key=lambda e: -e.rate):
        if not e.rates:
            print(f"  {e.name:30} {'–':>9} {'':25}  {e.error}")
            continue
        peak = peaks.get(e.precision)
        flops = f"{e.rate * gflop:8.0f}" if gflop else " " * 8
        share = f"{e.rate * gflop / peak:8.0%}" if gflop and peak else " " * 8
        notes = [e.note] if e.note else []
        if len(e.rates) == 1:
            notes.append("one round")
        elif len(e.undisturbed) < 3:
            notes.append(f"disturbed, {e.share_of_others:.1f} cores")
        if not e.counts or e.precision not in precisions:
            notes.append("for information")
        print(f"  {e.name:30} {e.rate:9.1f} {flops} {share} {e.memory / 2**20:7.0f}  {'; '.join([e.error, *notes])}")
    mine, peer = (contest.best(entries, is_ours, precisions) for is_ours in (True, False))
    if mine and peer:
        name = peer.name.replace(" ", "-")
        print(f"ratio {topic} {case} {mine.rate:.4g} {peer.rate:.4g} {name} {mine.rate / peer.rate:.3f}", flush=True)
    return mine is not None and not any(e.is_ours and (e.broke or e.rates and not e.is_right) for e in entries)
