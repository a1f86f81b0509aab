# Every target is one command of bootstrap.py, which makes the environment first; `make demo` needs nothing else.
PYTHON ?= python3
.PHONY: help demo test check e2e bench format lock vendor

help:
	@echo "make demo [PORT=8000] [DATA=.demo] [SIZE=school|district|city] [SEED=1] [TODAY=2026-12-30]"
	@echo "make test [ARGS=...] | check | e2e | bench | format | lock [ARGS=--upgrade] | vendor"

demo:
	@$(PYTHON) bootstrap.py demo $(if $(PORT),--port "$(PORT)") $(if $(DATA),--data "$(DATA)") \
		$(if $(SIZE),--size "$(SIZE)") $(if $(SEED),--seed "$(SEED)") $(if $(TODAY),--today "$(TODAY)")

test check e2e bench format lock vendor:
	@$(PYTHON) bootstrap.py $@ $(ARGS)
