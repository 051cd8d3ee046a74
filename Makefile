# Two commands do everything on a fresh machine: `make demo` and `make test`.

PYTHON ?= python3
REGISTRATIONS ?= 50000
SOURCES = pyproject.toml requirements/all.txt requirements/demo.txt

.PHONY: help demo test versions lint docs lock clean

help:  ## this list
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/\t/'

demo: .venv-demo/ready  ## make a demo nation, load it, print two tables, write the workbook
	@rm -rf demo && mkdir demo
	.venv-demo/bin/ido --store sqlite:///demo/ido.db demo --registrations $(REGISTRATIONS) --seed 1 --report demo/report.xlsx

# The blocks of a page belong together, and are not shared out among processes as tests are.
test: .venv/ready .venv/spark-ready  ## all tests, and the core's tests on one other Python
	@sh .ci/programs
	@sh .ci/versions end >.versions.log 2>&1 & versions=$$!; \
	.venv/bin/pytest -q docs README.md; docs=$$?; \
	.venv/bin/pytest -n 4 --dist load --maxschedchunk 1 tests; main=$$?; \
	wait $$versions; others=$$?; cat .versions.log; rm -f .versions.log; \
	echo "main run: exit $$main; documentation: exit $$docs; other versions: exit $$others"; \
	test $$main -eq 0 && test $$docs -eq 0 && test $$others -eq 0

versions:  ## the core's tests on every other Python from 3.11 that can be found
	@sh .ci/versions

lint: .venv/ready  ## style, format, import contract, types
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/lint-imports
	.venv/bin/mypy

docs: .venv/ready  ## the documentation, warnings are errors
	.venv/bin/sphinx-build -q -W -b html docs docs/_build

.venv/ready: $(SOURCES)
	@sh .ci/venv $(PYTHON) .venv requirements/all.txt
	@touch $@

# Apart from the others: 400 MB that only the tests on a Spark cluster need.
.venv/spark-ready: .venv/ready requirements/spark.txt
	.venv/bin/python -m pip install --quiet --disable-pip-version-check --no-compile --require-hashes -r requirements/spark.txt
	@touch $@

.venv-demo/ready: $(SOURCES)
	@sh .ci/venv $(PYTHON) .venv-demo requirements/demo.txt
	@touch $@

lock:  ## remake the hash-pinned requirements
	uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links \
		--no-header --no-annotate --group dev --extra all pyproject.toml -o requirements/all.txt
	printf 'hatchling\neditables\n' | uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
		--no-emit-find-links --no-header --no-annotate --extra sql --extra excel --extra cli --extra disclosure pyproject.toml - \
		-c requirements/all.txt -o requirements/demo.txt
	printf 'pyspark>=4,<4.1\n' | uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
		--no-emit-find-links --no-header --no-annotate - -c requirements/all.txt -o requirements/spark.txt

clean:  ## everything that was made here
	rm -rf .venv .venv-* demo docs/_build .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
