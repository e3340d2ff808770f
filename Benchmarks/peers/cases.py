"""Which cases a benchmark runs, and how it ends: 0 done, 2 no case of that name, 3 ours was wrong or could not run."""
import sys


def main(cases, name, run):
    """Runs those whose name has one of the command line's words in it; all without words."""
    words = sys.argv[1:]
    chosen = [case for case in cases if not words or any(word in name(*case) for word in words)]
    if not chosen:
        print("no such case; there are: " + " ".join(name(*case) for case in cases), file=sys.stderr)
        sys.exit(2)
    sys.exit(0 if all([run(*case) for case in chosen]) else 3)
