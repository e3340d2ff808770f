# Medoid sorts unlabelled medical image archives. Type `make` for this menu.
#
#   make demo     install what is missing, build, draw an archive, sort it, say where the page is
#   make test     install what is missing, build, run every test
#   make check    formatter (lint), imports, warnings, floor plan: what the gate refuses
#   make build    build `medoid` in release: .build/release/medoid
#   make score    train on a labelled set without its labels, then score (SET=mednist SEED=7 CASE=own|continued|peer)
#   make format   let the formatter rewrite the sources
#   make graph    draw the floors as they are into Documentation/architecture.svg
#   make bench-vit | bench-dino | bench-augment | bench-decode   ours beside the peers (CASES="part-of-a-name …")
#   make bench-pca | bench-kmeans | bench-hdbscan | bench-umap | bench-knn   likewise
#   make bench-embed   images embedded from disk beside the same images in memory
#   make fuzz READER=dicom COUNT=100000   damaged files through a reader (SEEDS=DIR, SEED=N, OUT=DIR)
#   make peers    install what the benchmarks compare with into .build-peers (PEERS=DIR)
#   make kernels-aarch64   build the kernels for 64-bit Arm and check them there, played by QEMU
#   make doctor   check toolchain, libraries, vector units, memory and disk
#   make clean    remove what was built (never data, never reports)

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := menu
export MEDOID_STRICT := 1

SWIFT ?= swift
BUILD := $(SWIFT) build -c release
MEDOID := .build/release/medoid
DEMO := Data/raw/demo
# Where nobody compares bytes with another machine's, OpenBLAS may use the widest vectors it has.
WIDEST := env -u OPENBLAS_CORETYPE
SOURCES := Package.swift Sources Tests Benchmarks
PYTHON ?= python3
PEERS ?= .build-peers
PEERS_PYTHON ?= $(PEERS)/bin/python

.PHONY: menu setup build demo test check format graph score doctor clean peers bench-vit bench-dino bench-augment bench-decode bench-pca bench-kmeans bench-hdbscan bench-umap bench-knn bench-embed fuzz kernels-aarch64

menu:
	@sed -n 's/^#   \(make .*\)/  \1/p' Makefile

setup:
	@Scripts/setup.sh

build: setup
	@$(BUILD) --product medoid

demo: build
	@test -f $(DEMO)/labels.csv || $(MEDOID) phantom --out $(DEMO)
	@$(WIDEST) $(MEDOID) run Pipelines/demo.yml --out Reports/demo --truth $(DEMO)/labels.csv

test: setup
	@$(BUILD) --product medoid
	@$(SWIFT) test -c release --disable-testable-imports

check: setup
	@$(SWIFT) format lint --strict --recursive $(SOURCES)
	@$(BUILD) --explicit-target-dependency-import-check error
	@.build/release/floorplan --check --root .

format:
	@$(SWIFT) format --in-place --recursive $(SOURCES)

graph: setup
	@$(BUILD) --product floorplan
	@.build/release/floorplan --root .

score: build
	@$(PYTHON) Scripts/score.py

peers:
	@test -x $(PEERS_PYTHON) || python3 -m venv $(PEERS)
	@$(PEERS_PYTHON) -m pip install --quiet --requirement Benchmarks/peers/requirements.txt

bench-vit bench-dino bench-augment bench-decode bench-pca bench-kmeans bench-hdbscan bench-umap bench-knn: bench-%: setup
	@test -x $(PEERS_PYTHON) || { echo "The peers are not installed: make peers" >&2; exit 1; }
	@$(BUILD) --product bench
	@$(PEERS_PYTHON) Benchmarks/peers/bench_$*.py $(CASES)

bench-embed: setup
	@$(BUILD) --product bench
	@.build/release/bench embed --threads 2

READER ?= dicom
COUNT ?= 100000
SEED ?= 7
SEEDS ?= Tests/Fixtures/Imaging/files
OUT ?= .build/fuzz
fuzz: setup
	@$(BUILD) --product Fuzz
	@.build/release/Fuzz $(READER) --count $(COUNT) --seed $(SEED) --out $(OUT) $(addprefix --seeds ,$(SEEDS))

kernels-aarch64: setup
	@Scripts/kernels-aarch64.sh

doctor: build
	@$(MEDOID) doctor

clean:
	@rm -rf .build
