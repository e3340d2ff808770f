#!/usr/bin/env python3
"""Scores one labelled set, one seed: make score SET=kidney_ct SEED=7 [CASE=own] [EPOCHS=auto]

Sets lie in the folder MEDOID_DATA (else ../shared/data); `mixed` is all of its index.csv, in kinds of modality and body part. Cases:

    own        a network trained on the set from scratch (Pipelines/score.yml), beside the untrained one and raw pixels
    continued  trained weights (WEIGHTS=file.safetensors), untouched and continued on the set (Pipelines/continue.yml)
    peer       PyTorch with the same recipe for the same minutes (Benchmarks/peers/train_dino.py), one seed

Labels are read after everything was fitted, by the protocol SCORE_PROTOCOL (else ../score/score.py beside the data). Rows go to
Documentation/scores.csv; one that is there for this commit's settings is not made again, and a run that was interrupted goes on.
"""
import csv
import importlib.util
import json
import os
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
TABLE = ROOT / "Documentation" / "scores.csv"
COLUMNS = ["commit", "set", "seed", "features", "ari", "ami", "knn", "place", "images", "steps", "minutes", "settings"]


def stop(text):
    sys.exit(f"score: {text}")


class Case:
    def __init__(self):
        self.data = pathlib.Path(os.environ.get("MEDOID_DATA") or ROOT / "../shared/data").resolve()
        self.name = os.environ.get("SET", "mednist")
        self.seed = os.environ.get("SEED", "7")
        self.is_mixed = self.name == "mixed"
        self.truth_file = self.data / ("index.csv" if self.is_mixed else f"{self.name}/labels.csv")
        self.images = self.data / ("index.csv" if self.is_mixed else f"{self.name}/images")
        if not self.truth_file.exists():
            stop(f"there is no set {self.name} with labels; name the folder of the sets by MEDOID_DATA")
        file = os.environ.get("SCORE_PROTOCOL") or self.data.parent / "score/score.py"
        try:
            spec = importlib.util.spec_from_file_location("protocol", file)
            self.protocol = importlib.util.module_from_spec(spec)
            spec.loader.exec_module(self.protocol)
            import h5py  # noqa: F401
        except (ImportError, FileNotFoundError) as error:
            stop(f"the protocol needs numpy, scikit-learn, h5py and Pillow (PYTHON=…): {error}")
        self.truth = self.protocol.truth_table(self.truth_file, ["modality", "body"] if self.is_mixed else ["label"])
        self.out = ROOT / "Reports" / f"score-{self.name}-{self.seed}"

    def score(self, features, paths, is_unit=True):
        keys = self.protocol.match(paths, self.truth)
        known = [i for i, key in enumerate(keys) if key]
        rows = [self.truth[keys[i]] for i in known]
        return self.protocol.score_features(
            self.name, features[known], [row[0] for row in rows], [row[1] for row in rows], is_unit)

    def score_file(self, file):
        import h5py

        with h5py.File(file) as stored:
            paths = [path.decode().rstrip("\0") for path in stored["paths"][:]]
            features = stored.attrs["features"]
            place = re.search(r"layer=\S+ pool=\S+", features.decode() if isinstance(features, bytes) else features)
            return self.score(stored["features"][:], paths), place.group(0) if place else ""

    def run(self, recipe, *settings):
        """Carries the recipe out, and gives its record."""
        command = [
            ROOT / ".build/release/medoid", "run", ROOT / "Pipelines" / recipe, "--out", self.out, "--seed", self.seed,
            "--set", f"ingest.from={self.images}"]
        for setting in settings:
            command += ["--set", setting]
        environment = {key: value for key, value in os.environ.items() if key != "OPENBLAS_CORETYPE"}
        if subprocess.run(command, cwd=ROOT, env=environment).returncode:
            stop("the run failed; the same command goes on from there")
        return json.loads((self.out / "run.json").read_text())


def step(record, name):
    return next(entry for entry in record["steps"] if entry["name"] == name)


def note(entry, pattern):
    found = next((match for text in entry["notes"] if (match := re.match(pattern, text))), None)
    return found.group(1) if found else ""


def trained(case, record, name):
    """Steps, minutes (blank where it was not one run) and settings of a training."""
    entry = step(record, name)
    settings = entry["fingerprint"][:12]
    file = case.out / "minutes.json"
    known = json.loads(file.read_text()) if file.exists() else {}
    if entry["state"] == "ran" and not note(entry, r"went on after (.*)"):
        known[settings] = f"{entry['seconds'] / 60:.1f}"
        file.write_text(json.dumps(known))
    return note(entry, r"steps (\d+)"), known.get(settings, ""), settings


def commit():
    def git(*words):
        return subprocess.run(["git", *words], cwd=ROOT, capture_output=True, text=True).stdout.strip()

    return git("rev-parse", "--short", "HEAD") + ("+" if git("status", "--porcelain", "--", "Sources", "Pipelines") else "")


def rows():
    return list(csv.DictReader(open(TABLE, newline=""))) if TABLE.exists() else []


def append(case, features, scores, place="", images="", steps="", minutes="", settings=""):
    ari, ami, knn = (f"{value:.3f}" for value in scores)
    row = dict(zip(COLUMNS, [
        commit(), case.name, case.seed, features, ari, ami, knn, place, images, steps, minutes, settings]))
    same = [r for r in rows() if all(r[c] == row[c] for c in ("set", "seed", "features", "settings", "ari", "ami", "knn"))]
    if same:
        print(f"{features}: in the table already, of commit {same[-1]['commit']}")
        return
    is_new = not TABLE.exists()
    with open(TABLE, "a", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        if is_new:
            writer.writeheader()
        writer.writerow(row)


def own(case):
    epochs = os.environ.get("EPOCHS", "auto")
    record = case.run("score.yml", f"model.epochs={epochs}")
    append(case, "own network", *case.score_file(case.out / "embeddings.h5"), len(case.truth), *trained(case, record, "model"))
    # Neither hangs on how long was trained.
    append(case, "untrained network", *case.score_file(case.out / "embeddings-before.h5"), len(case.truth), settings=step(record, "untrained")["fingerprint"][:12])
    if not any(row["set"] == case.name and row["features"] == "raw pixels" for row in rows()):
        append(case, "raw pixels", raw(case), images=len(case.truth))


def raw(case):
    import numpy as np
    from PIL import Image

    def pixels(path):
        with Image.open(case.truth_file.parent / path) as image:
            return np.asarray(image.convert("RGB").resize((32, 32), Image.BOX), np.float64).ravel() / 255

    paths = list(case.truth)
    return case.score(np.stack([pixels(path) for path in paths]), paths, False)


def continued(case):
    weights = os.environ.get("WEIGHTS") or stop("WEIGHTS=file.safetensors is wanted")
    record = case.run("continue.yml", f"given.file={pathlib.Path(weights).resolve()}")
    untouched = case.score_file(case.out / "embeddings-untouched_embed.h5")
    append(case, "given weights", *untouched, len(case.truth), settings=step(record, "untouched")["fingerprint"][:12])
    append(case, "continued", *case.score_file(case.out / "embeddings.h5"), len(case.truth), *trained(case, record, "model"))


def peer(case):
    """For as many minutes as our own training took."""
    import numpy as np

    ours = [r for r in rows() if r["set"] == case.name and r["features"] == "own network" and r["minutes"]]
    if not ours:
        stop("our own case comes first: its minutes are the peer's")
    case.out.mkdir(parents=True, exist_ok=True)
    out = case.out / "peer.npz"
    script = ROOT / "Benchmarks/peers/train_dino.py"
    subprocess.run([sys.executable, script, case.truth_file, ours[-1]["minutes"], case.seed, out], check=True)
    with np.load(out) as stored:
        paths = [str(path) for path in stored["paths"]]
        for place in stored.files:
            if place != "paths":
                append(case, "PyTorch", case.score(stored[place], paths), place, len(paths), minutes=ours[-1]["minutes"])


def main():
    cases = {"own": own, "continued": continued, "peer": peer}
    name = os.environ.get("CASE", "own")
    if name not in cases:
        stop(f"CASE is one of {', '.join(cases)}")
    cases[name](Case())


if __name__ == "__main__":
    main()
