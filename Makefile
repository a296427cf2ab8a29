# make demo: a small simulated workspace from records to case files.   make test: all tests that this machine can run.
# Both set everything up by themselves below .venv (Python 3.11+ and make are all they need).
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
ONLY_WHEELS := --only-binary=:all:

.PHONY: demo test check bench install clean docs

demo: $(VENV)/core
	@$(BIN)/mapae demo

test: $(VENV)/test
	@$(BIN)/python -m pytest -q -n auto --dist loadfile

check: $(VENV)/test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/mapae rules check

bench: $(VENV)/test
	$(BIN)/python -m benchmarks

docs: $(VENV)/core
	$(BIN)/python tools/reference.py

install: $(VENV)/core

$(VENV)/core: requirements/core.txt pyproject.toml
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "Installing what Mapae needs (once)…"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check $(ONLY_WHEELS) --require-hashes -r requirements/core.txt
	@site=$$($(BIN)/python -c 'import sysconfig; print(sysconfig.get_paths()["purelib"])') && echo "$(CURDIR)" > "$$site/mapae.pth"
	@printf '#!%s\nimport sys\nfrom mapae.cli.main import main\nsys.exit(main())\n' "$(CURDIR)/$(BIN)/python" > $(BIN)/mapae && chmod +x $(BIN)/mapae
	@touch $@

$(VENV)/test: $(VENV)/core requirements/test.txt
	@echo "Installing what the tests need (once)…"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check $(ONLY_WHEELS) --require-hashes -r requirements/test.txt
	@touch $@

clean:
	rm -rf $(VENV) demo .mypy_cache .ruff_cache .pytest_cache .hypothesis
