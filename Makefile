# Every command of the book. It needs Python 3.11 or newer and git; on Windows, run it in Git Bash.
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help setup lab site book pdf test lint format synced frameworks cluster nbgrader seeds notebooks exercises reproduce bench clean

PYTHON ?= python3
# How many chapters run at once; each gets an equal share of the cores.
JOBS ?= 2
# What `make seeds` runs: base seeds such as "0 1 2", and chapters such as "08_cosine", all if left out.
SEEDS ?= 1 2
CHAPTERS ?=
# TORCH_BACKEND=cpu installs PyTorch without CUDA: a tenth of the download.
TORCH_BACKEND ?=

ifeq ($(OS),Windows_NT)
  BIN := .venv/Scripts
else
  BIN := .venv/bin
endif
STAMP := .venv/complete
# Compiled at once: where Python may not keep what it compiles, each kernel and worker would compile torch anew.
UV := $(BIN)/uv pip install --python .venv --compile-bytecode --constraint constraints.txt \
      --build-constraint constraints.txt \
      $(if $(TORCH_BACKEND),--torch-backend=$(TORCH_BACKEND))
BUILD := $(BIN)/python notebooks/build.py --jobs $(JOBS)
# The stored chapters and solutions, as pages of the site.
define STORED
@rm -rf _build/source
@mkdir -p _build/source/exercises
@cp notebooks/*.ipynb _build/source
@cp notebooks/solutions/*.ipynb _build/source/exercises
endef
# The pages beside the chapters, the scripts that they show, and the web page of all.
define PAGE
@cp -R site/. examples _build/source
$(SPHINX) _build/source _build/html
@echo 'The book: $(CURDIR)/_build/html/index.html'
endef
SPHINX := $(BIN)/python -m sphinx -q -W --keep-going -E -d _build/doctrees

help:  ## list these targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "make %-10s %s\n", $$1, $$2}' Makefile

setup: $(STAMP)  ## create .venv with everything the book needs; a second call does nothing

# The stamp is removed first and comes back last. An environment without one was interrupted, so it is built anew;
# one whose stamp is merely older than the lists of dependencies is brought up to date in place.
$(STAMP): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "This book needs Python 3.11 or newer; $(PYTHON) is " \
	    + sys.version.split()[0] + ". Name another: make PYTHON=python3.12 setup")'
	@if [ -f $@ ]; then rm $@; else $(PYTHON) -m venv --clear .venv; fi
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt uv
	$(UV) --editable '.[all]'
	@echo complete > $@

lab: setup  ## open JupyterLab on the first chapter
	$(BIN)/jupyter lab notebooks/00_start_here.ipynb

site: setup  ## build the web page from the stored notebooks, which takes less than a minute, in _build/
	$(STORED)
	$(PAGE)

book: setup  ## run every chapter and build the web page from the results, all in _build/
	@rm -rf _build/source
	$(BUILD) --into _build/source
	$(PAGE)

pdf: setup  ## print the stored notebooks as _build/lrsched-book.pdf, which needs a Chromium
	$(STORED)
	@cp -R site/. examples _build/source
	$(SPHINX) -b singlehtml _build/source _build/singlehtml
	$(BIN)/python site/pdf.py _build/singlehtml/index.html _build/lrsched-book.pdf
	@echo 'The book: $(CURDIR)/_build/lrsched-book.pdf'

# One thread for each of the two workers: processes that each claim every core wait for one another.
test: export OMP_NUM_THREADS = 1
test: export TQDM_DISABLE = 1
test: lint  ## lint, unit tests, doctests, then every chapter run again and compared with what is stored
	$(BIN)/python -m pytest -n 2
	$(BIN)/python -m pytest --nbval --nbval-current-env --nbval-cell-timeout=1800 \
	    --nbval-sanitize-with tests/nbval.cfg -n 2 --dist loadscope --ignore=notebooks/exercises --ignore-glob='*.py' notebooks

lint: setup  ## ruff alone
	$(BIN)/ruff check
	$(BIN)/ruff format --check

format: setup  ## author's: format the code of the chapters' sources
	$(BIN)/python notebooks/format.py

synced: setup  ## check that the stored notebooks agree with their sources
	$(BIN)/python -m pytest -q tests/test_notebooks.py

frameworks: .venv-frameworks/complete  ## run examples/ and compare with Lightning, transformers, optax, ignite and others, which it installs
	$(call SIDE_BIN,frameworks)/python -m pytest -q tests/frameworks

cluster: export PYTHONPATH = $(CURDIR)
cluster: .venv-cluster/complete  ## run a comparison on dask and on ray, which it installs
	$(call SIDE_BIN,cluster)/python -m pytest -q tests/cluster

# In the environment of tests/classroom.
nbgrader: export PYTHONPATH = $(CURDIR)
nbgrader: .venv-classroom/complete  ## grade the exported exercises with nbgrader, which it installs
	$(call SIDE_BIN,classroom)/python -m pytest -q tests/classroom

# What is tested against other people's software has an environment of its own, .venv-NAME, apart from the book's:
# tests/NAME/requirements.txt says what it needs, tests/NAME/constraints.txt the versions that were tested.
SIDE_BIN = $(patsubst .venv/%,.venv-$(1)/%,$(BIN))
.venv-%/complete: tests/%/requirements.txt tests/%/constraints.txt | $(STAMP)
	@if [ -f $@ ]; then rm $@; else $(BIN)/python -m venv --clear .venv-$*; fi
	$(BIN)/uv pip install --python .venv-$* --requirements tests/$*/requirements.txt \
	    --constraint tests/$*/constraints.txt $(if $(TORCH_BACKEND),--torch-backend=$(TORCH_BACKEND))
	@echo complete > $@

seeds: setup  ## run every chapter with more random seeds, and list how well each claim holds
	$(BIN)/python notebooks/seeds.py --jobs $(JOBS) --seeds $(SEEDS) --chapters $(CHAPTERS)

notebooks: setup  ## author's: run the chapters and exercises whose source or package changed and store them
	$(BUILD) --changed

exercises: setup  ## for teachers: students' copies, figures for slides, a course for nbgrader, in _build/
	$(BIN)/python notebooks/classroom.py _build/classroom

# An interrupted one goes on where it stopped. It writes results/reproduction*.csv, which appendix C reads.
reproduce: setup  ## train the sources' runs on all 60,000 images, then tuned rivals: three hours on two cores
	$(BIN)/python -m studies.sources

bench: setup  ## compare training loops and schedules with other libraries, which it installs
	$(UV) --editable '.[bench]'
	$(BIN)/python -m studies.speed

clean:  ## remove .venv, _build and every cache
	rm -rf .venv .venv-* _build .pytest_cache .ruff_cache .hypothesis
	find . -name __pycache__ -o -name .ipynb_checkpoints | xargs rm -rf
