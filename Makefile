# Kalauz: every command a founder needs. `make` alone lists them.
PYTHON ?= python3
BIN := .venv/bin
LANGUAGES := sr hu es
CATALOGS := $(LANGUAGES:%=functions/chalicelib/locale/%/LC_MESSAGES/kalauz.mo)
# What the functions need beside their code.
MADE := $(CATALOGS) functions/chalicelib/articles/published.txt
export PYTHONPATH := functions:.
export PYTHONDONTWRITEBYTECODE := 1
export NO_MKDOCS_2_WARNING := 1

.DEFAULT_GOAL := help
.PHONY: help run write lint-docs status translated votes misses export import migrate search-eval test check package deploy rollback destroy bench price words format lock clean

help:  ## List the commands.
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

run: .venv/made $(MADE)  ## Serve the site with its live forms on one port (PORT, 8000), data kept in .local/.
	@exec $(BIN)/python -m infra.local.run

write: .venv/made $(MADE)  ## The same for writers: an edited article shows itself in the browser.
	@exec $(BIN)/python -m infra.local.write

lint-docs: .venv/made $(MADE)  ## Tell writers what to mend in the articles: where it is, and how.
	@$(BIN)/python -m infra.writing lint

status: .venv/made $(MADE)  ## Show which articles are complete, stale or missing, in each language.
	@$(BIN)/python -m infra.writing status

translated: .venv/made $(MADE)  ## Mark translations as up to date (ARTICLE=people/add-contact, LANGUAGE=hu for one).
	@$(BIN)/python -m infra.writing translated $(ARTICLE) $(LANGUAGE)

votes: .venv/made $(MADE)  ## Show writers which articles helped, and why others did not (STAGE=… in AWS).
	@$(BIN)/python -m infra.local.readers votes

misses: .venv/made $(MADE)  ## Show writers what was searched for in vain, most often first (DAYS=30, STAGE=… in AWS).
	@$(BIN)/python -m infra.local.readers misses

export: .venv/made $(MADE)  ## Write a provider's whole data into a folder (TO=…, STAGE=… in AWS); its key lies beside it (KEY=…).
	@$(BIN)/python -m infra.data export

import: .venv/made $(MADE)  ## Read an export into an empty table (FROM=…, STAGE=…, KEY=…; QUEUED=send for mails still to be sent).
	@$(BIN)/python -m infra.data import

migrate: .venv/made $(MADE)  ## Rewrite items of older versions (STAGE=…; DRY=1 only counts them, ENTITY=Vote).
	@$(BIN)/python -m infra.data migrate

test: .venv/made .venv/browser $(MADE) .venv/checkov/made check  ## Check everything, then pass every test.
	$(BIN)/python -m pytest -q -n 2 --dist loadgroup tests

check: .venv/made $(MADE)  ## Format, lint, types, import rules, complete catalogs, right articles, strict site build.
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/python -m pytest -q tests/test_rooms.py
	$(BIN)/python -m infra.words check
	$(BIN)/python -m infra.writing check
	$(BIN)/python -m mkdocs build --strict --quiet

package: .venv/made $(MADE)  ## Build what AWS takes, build/package/: the functions' zip and the template that deploys them.
	$(BIN)/python -m infra.package

deploy: .venv/made $(MADE)  ## Deploy to AWS what is committed here (STAGE=production; DOMAIN, CERTIFICATE, … and YES=1: OPERATING.md).
	@$(BIN)/python -u -m infra.deploy deploy

rollback: .venv/made $(MADE)  ## Go back to the release before, site and functions together (STAGE=…).
	@$(BIN)/python -u -m infra.deploy rollback

destroy: .venv/made $(MADE)  ## Remove a stage from AWS, all but its table and key, after asking twice (STAGE=…).
	@$(BIN)/python -u -m infra.deploy destroy

search-eval: .venv/made .venv/browser $(MADE)  ## Print how well the search answers the queries of writing/search_eval.toml, and which not.
	@$(BIN)/python -m infra.search_eval

bench: .venv/made .venv/browser $(MADE)  ## Print what it costs beside what it may cost (BENCH=imports,pages for some of it).
	@$(BIN)/python -m infra.bench

price: .venv/made $(MADE)  ## Print what it costs in AWS: a month of 1,000 to 10 million customers, a million of each action.
	@$(BIN)/python -m infra.bench.price_report

words: .venv/made  ## Bring the catalogs up to the words in the code (then translate what is new).
	$(BIN)/python -m infra.words update

format: .venv/made  ## Format the code.
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

lock: .venv/made  ## Resolve pyproject.toml into requirements.lock anew, with hashes.
	uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links --group site --group local --group test pyproject.toml -o requirements.lock
	uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links pyproject.toml -o functions/requirements.txt
	uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links infra/checkov/requirements.in -o infra/checkov/requirements.txt

clean:  ## Remove what was built, but not the data of `make run`.
	rm -rf site build .cache .pytest_cache .mypy_cache .ruff_cache

.venv/made: requirements.lock
	@sh infra/local/venv.sh "$(PYTHON)"
	@touch $@

.venv/browser: .venv/made infra/local/browser.sh
	@sh infra/local/browser.sh
	@touch $@

# Judges the template of AWS; it wants an older boto3 than we have, so it lives by itself.
.venv/checkov/made: infra/checkov/requirements.txt | .venv/made
	@echo "Installing checkov into .venv/checkov …"
	@$(BIN)/python -m venv --clear --without-pip .venv/checkov
	@$(BIN)/pip --python .venv/checkov/bin/python install -qq --disable-pip-version-check --no-deps --require-hashes -r $<
	@touch $@

%.mo: %.po .venv/made
	@$(BIN)/pybabel -q compile -i $< -o $@

# The articles that can be voted on; a folder is newer when one of its files came or went.
functions/chalicelib/articles/published.txt: $(shell find docs/sr)
	@cd docs/sr && find . -name '*.md' ! -name index.md | sed 's|^\./||; s|\.md$$||' | LC_ALL=C sort > "$(CURDIR)/$@"
