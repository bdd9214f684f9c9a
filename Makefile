# `make demo` and `make test` set everything up by themselves; they need only make and Python 3.11 or newer with venv.
PYTHON ?= $(shell for python in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$python -c 'import sys, ensurepip, venv; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$python && break; done)
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check
SOLVE := $(BIN)/lagrangian solve
W2V := $(BIN)/w2v
VECTORS := $(VENV)/docstrings.bin

.PHONY: demo demo-lagrangian demo-w2v test lint docs bench pictures clean

demo: demo-lagrangian demo-w2v

demo-lagrangian: $(VENV)/installed
	@printf '\n== The largest rectangle of a given half perimeter: Lagrange by the book ==\n\n'
	$(SOLVE) "x*y" --maximize --subject-to "x + y == 10"
	@printf '\n== A parabola over a disk: every candidate classified, and a certificate that the best one is the global optimum ==\n\n'
	$(SOLVE) "x**2 - y" --subject-to "x**2 + y**2 <= 1"
	@printf '\n== The half perimeter left open: the answer is a formula, and the shadow price its derivative ==\n\n'
	$(SOLVE) "x*y" --over x,y --maximize --subject-to "x + y == b"
	@printf '\n== A cusp, where no multipliers exist: found all the same ==\n\n'
	$(SOLVE) "x" --subject-to "y**2 == x**3"
	@printf '\n== The six-hump camel: fifteen stationary points, the optimum an algebraic number, exactly ==\n\n'
	$(SOLVE) "(4 - 2.1*x**2 + x**4/3)*x**2 + x*y + (-4 + 4*y**2)*y**2"
	@printf '\n== An infimum that no point attains ==\n\n'
	$(SOLVE) "x**2 + (x*y - 1)**2"

demo-w2v: $(VENV)/installed
	@printf '\n== Word vectors from the docstrings of the installed Python packages ==\n\n'
	$(W2V) train --python-docs --output $(VECTORS) --min-count 20 --epochs 10
	$(W2V) neighbors $(VECTORS) matrix string thread

test: lint
	$(BIN)/python -m pytest -n 2 -m "not slow" lagrangian w2v tests

lint: $(VENV)/installed-test
	$(BIN)/ruff check .
	$(BIN)/mypy

# the site of the documents and of the reference, for reading at build/docs/index.html; a warning is an error
docs: $(VENV)/installed-docs
	$(BIN)/python -m sphinx --fail-on-warning --keep-going --nitpicky --quiet -d build/doctrees docs build/docs
	@echo 'open build/docs/index.html'

# the pictures in the documents are drawn by the examples beside them, into the folder where those run
pictures: $(VENV)/installed-plot
	cd docs/pictures && for page in ../../README.md $$(cd .. && find $$PWD -name '*.md' | sort); do PYTHONHASHSEED=0 $(abspath $(BIN))/python -m doctest $$page || exit 1; done

bench: $(VENV)/installed-bench
	$(BIN)/python benchmarks/exact.py
	$(BIN)/python benchmarks/relaxation.py
	$(BIN)/python benchmarks/numeric.py
	$(BIN)/python benchmarks/w2v.py

$(VENV)/installed: setup.cfg pyproject.toml
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer with venv is needed; name it with make PYTHON=/path/to/python3" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(PIP) --editable .
	$(BIN)/python -m compileall -q lagrangian w2v # a quarter of a second at every start where Python may not write bytecode itself
	touch $@

$(VENV)/installed-%: $(VENV)/installed
	$(PIP) --editable '.[$*]'
	touch $@

clean:
	rm -rf $(VENV) build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis
