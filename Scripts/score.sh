#!/usr/bin/env bash
# Trains on a real, labelled set and scores the groups beside raw pixels and an untrained network under the same settings.
#   make score [SET=mednist] [K=6] [EPOCHS=auto] [SEED=7]
# Labels are read by the report alone. Where the scoring protocol and a Python for it (PYTHON=…) are present, it is run too.
set -euo pipefail

data=${MEDOID_DATA:-../shared/data}
set=${SET:-mednist}
out=Reports/score-$set
if [[ ! -d $data/$set/images ]]; then
  echo "There is no $data/$set/images here; name the folder of the sets by MEDOID_DATA." >&2
  exit 1
fi

.build/release/medoid run Pipelines/score.yml --out "$out" --seed "${SEED:-7}" --truth "$data/$set/labels.csv" \
  --set ingest.from="$data/$set/images" --set model.epochs="${EPOCHS:-auto}" \
  --set kmeans.n_clusters="${K:-6}" --set pixels_kmeans.n_clusters="${K:-6}" --set plain_kmeans.n_clusters="${K:-6}" \
  --set untrained_kmeans.n_clusters="${K:-6}"

protocol=$data/../score/score.py
python=${PYTHON:-python3}
if [[ -f $protocol ]] && "$python" -c 'import numpy, sklearn, h5py' 2>/dev/null; then
  "$python" "$protocol" "$data/$set/labels.csv" "$out"
else
  echo "The scoring protocol was not run: it needs $protocol and a Python with numpy, scikit-learn and h5py (PYTHON=…)." >&2
fi
