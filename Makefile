# manned: type `make` for what can be made.
#
# Every target does its own set-up on Debian and Ubuntu, which need only python3 and make beforehand: missing system
# packages come by apt, everything else goes into the folder .venv. A second run finds it done.

PYTHON ?= python3
ARGS ?=
VENV := .venv
BIN := $(VENV)/bin

# The shipped decoder, and the one of the paper's kind beside it.
DECODER := manned/decoders/atlas.safetensors
CORPUS := corpora/timbre
FIT := models/timbre
SPECTRUM_DECODER := manned/decoders/atlas-spectrum.safetensors
SPECTRUM_SOUNDS := corpora/shipped-sounds
SPECTRUM_CORPUS := corpora/shipped
SPECTRUM_FIT := models/shipped
SPECTRUM_BEGUN := models/shipped-begun
SPECTRUM_RECIPE := --latents 8 --octaves 2-6 --square-output --cosine --consistency 1e-4 --harmonicity 1e-4 \
	--compressed 3 --batch 1000
SPECTRUM_FIRST := $(SPECTRUM_RECIPE) --learning-rate 7e-4 --epochs 70 --seed 1
SPECTRUM_THEN := $(SPECTRUM_RECIPE) --start $(SPECTRUM_BEGUN) --evenness 1e-4 --learning-rate 5e-4 --epochs 12 --seed 2

# Tests run in two processes, each with a JACK server of its own, and a file of tests in one of them; tests/conftest.py
# says which files come first.
SIDE_BY_SIDE := --numprocesses 2 --dist loadfile --no-loadscope-reorder

# make test LOCKED=1 installs the versions that the tests last passed with (`make lock` writes them).
LOCK := requirements-test.txt
CONSTRAINTS = $(if $(LOCKED),--constraint $(LOCK))

# What the daemon needs beside Python: PortAudio (it brings ALSA and JACK's library).
RUN_PACKAGES := libportaudio2
# What the tests play with.
TEST_PACKAGES = $(RUN_PACKAGES) $(SOUND_PACKAGES) jackd2 liblo-tools puredata-core procps sox systemd binutils \
	supercollider-language zsh fish man-db
# Other sound systems, for `make test-hosts`.
HOST_PACKAGES := dbus libasound2-plugins pulseaudio pulseaudio-utils pipewire pipewire-bin pipewire-jack pipewire-pulse \
	wireplumber systemd mount util-linux
# ALSA's plugin for PipeWire, which is unpacked only: installed, it takes PulseAudio's place. Without it its test is skipped.
ALSA_PLUGIN := pipewire-alsa
# Clients of OSC and OSCQuery for Node, and what finds faults of the page, if Node is there; without them their tests are skipped.
NODE_PACKAGES := osc@2 oscquery@1 axe-core@4
# What the page is looked at with; without it the tests of the page are skipped.
BROWSER_PACKAGE := chromium
# Where the sounds of the shipped decoder come from.
SOUND_PACKAGES := fluidsynth fluid-soundfont-gm amsynth zynaddsubfx-dssi zynaddsubfx-data

# What is measured beside it.
PEER_PACKAGES := jackd2 fluidsynth fluid-soundfont-gm amsynth zynaddsubfx zynaddsubfx-data supercollider-server
# RAVE's decoder runs on it; PyTorch's ordinary packages bring several GB for graphics cards, so this one is asked for by
# name. It lies in an index of PyTorch's own, which pip must know.
PYTORCH := torch==2.13.0+cpu
# A root of another processor, and what emulates it.
ARM_PACKAGES := qemu-user-static mmdebstrap

# Debian keeps venv in a package of its own. python-rtmidi has ready-made wheels up to Python 3.12; above, it is compiled.
PYTHON_PACKAGES := $(shell $(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || echo python3-venv) \
	$(shell $(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 13))' 2>/dev/null && \
	echo g++ pkg-config python3-dev libasound2-dev libjack-jackd2-dev)

.PHONY: help run lint lock test soak fuzz test-hosts bench bench-sound bench-timbre bench-bank bench-peers test-arm training \
	decoder decoder-spectrum bank reference man picture clean

help:
	@echo 'make run         set up what is missing and start the instrument (ARGS="--record out.wav" passes options)'
	@echo 'make lint        check format, style and types; silent when all is well'
	@echo 'make test        set up what is missing and run all tests (ARGS="-k midi" picks some)'
	@echo 'make lock        write the versions of all packages that are installed into $(LOCK); after make test has passed'
	@echo 'make soak        use everything for an hour and see that nothing grows (ARGS="--soak-s 36000": for ten)'
	@echo 'make fuzz        hand nonsense to all that reads files and packets, another each time (ARGS="--fuzz-cases 100000")'
	@echo 'make test-hosts  play through JACK, PulseAudio and PipeWire, each lost and back, and as a service of a real systemd (as root)'
	@echo 'make bench       measure tuning, timing, load, latency and learning, into docs/measured.md (ARGS="learn" measures one part)'
	@echo 'make bench-sound measure how it sounds, into docs/sound.md with its pictures (ARGS="tuning" measures one part)'
	@echo 'make bench-timbre measure how near decoders come to sounds, into docs/timbre.md with its pictures (ARGS="notes" measures one part)'
	@echo 'make bench-bank  measure how lively and how different the factory presets are, into docs/bank.md with its pictures'
	@echo 'make bench-peers measure other synthesizers beside it, into docs/peers.md (ARGS="latency" measures one part)'
	@echo 'make test-arm    render on the processor of a Raspberry Pi 4, emulated, and compare the sound; slow at first, kept in .arm'
	@echo 'make training    set up what training on your own recordings needs'
	@echo 'make decoder     make the shipped decoders again: sounds, corpora, fits, evaluation, export (takes hours)'
	@echo 'make bank        make the factory presets and their gestures again (ARGS="keys" makes some)'
	@echo 'make reference   write docs/osc.md, configs/manned.toml, the example tune and the surfaces in examples/ anew'
	@echo 'make man         write manual pages from the help (ARGS=~/.local/share/man: there, instead of beside the program)'
	@echo 'make picture     take the pictures of the page in docs/page.md anew'
	@echo 'make clean       delete what make has made, except models and corpora'

run: $(VENV)/.run
	@$(BIN)/manned run $(ARGS)

lint: $(VENV)/.lint
	@$(BIN)/ruff format --quiet --check . || { echo 'make: the files above want: $(BIN)/ruff format .' >&2; exit 1; }
	@$(BIN)/ruff check --quiet .
	@told=$$($(BIN)/pyright 2>&1) || { echo "$$told" >&2; exit 1; }

test: $(VENV)/.test
	@$(BIN)/python tests/compile_first.py
	@$(BIN)/python -m pytest $(SIDE_BY_SIDE) $(ARGS)

soak: $(VENV)/.test
	@$(BIN)/python -m pytest -s tests/test_soak.py --soak-s 3600 $(ARGS)

fuzz: $(VENV)/.test
	@$(BIN)/python -m pytest tests/fuzz --fuzz-cases 20000 --fuzz-seed $$(date +%s) $(ARGS)

# PulseAudio and PipeWire come here only: the other tests need neither. A machine with systemd is booted if root may.
test-hosts: $(VENV)/.test
	$(call packages,$(HOST_PACKAGES))
	$(call unpacked,$(ALSA_PLUGIN))
	@$(BIN)/python -m pytest tests/hosts $(ARGS)

bench: $(VENV)/.test
	@$(BIN)/python -m benchmarks timing $(ARGS)

bench-sound: $(VENV)/.bench
	@$(BIN)/python -m benchmarks sound $(ARGS)

bench-timbre: $(VENV)/.bench
	@$(BIN)/python -m benchmarks timbre $(ARGS)

bench-bank: $(VENV)/.bench
	@$(BIN)/python -m benchmarks bank $(ARGS)

bench-peers: $(VENV)/.bench
	$(call packages,$(PEER_PACKAGES))
	$(call pytorch)
	@$(BIN)/python -m benchmarks peers $(ARGS)

test-arm: $(VENV)/.run
	$(call packages,$(ARM_PACKAGES))
	@$(BIN)/python -m tests.arm $(ARGS)

bank: $(VENV)/.bench
	$(call packages,$(SOUND_PACKAGES))
	$(BIN)/python -m benchmarks.bank.make --jobs $$(nproc) $(ARGS)

training: $(VENV)/.train
	@$(BIN)/manned-train --help

# Every step goes on where it was stopped; delete the folders in corpora/ and models/ to begin anew.
decoder: $(VENV)/.train decoder-spectrum
	$(BIN)/manned-train corpus --kind harmonic timbre -o $(CORPUS) --jobs $$(nproc)
	$(BIN)/manned-train fit $(CORPUS) -o $(FIT)
	$(BIN)/manned-train evaluate $(FIT)
	$(BIN)/manned-train export $(FIT) -o $(DECODER) --licence MIT

decoder-spectrum: $(VENV)/.train
	$(call packages,$(SOUND_PACKAGES))
	$(BIN)/manned-train sounds render shipped -o $(SPECTRUM_SOUNDS) --jobs $$(nproc)
	test -d $(SPECTRUM_CORPUS) || $(BIN)/manned-train corpus $(SPECTRUM_SOUNDS) -o $(SPECTRUM_CORPUS) --labels notes --frames-per-note 6 --validation 36 --test 36
	$(BIN)/manned-train fit $(SPECTRUM_CORPUS) -o $(SPECTRUM_BEGUN) $(SPECTRUM_FIRST)
	$(BIN)/manned-train fit $(SPECTRUM_CORPUS) -o $(SPECTRUM_FIT) $(SPECTRUM_THEN)
	$(BIN)/manned-train evaluate $(SPECTRUM_FIT)
	$(BIN)/manned-train export $(SPECTRUM_FIT) -o $(SPECTRUM_DECODER) --licence MIT --reach trained --encoder

lock: $(VENV)/.lint $(VENV)/.bench
	@{ echo '# What the tests last passed with, on the Python named below; `make test LOCKED=1` installs it, `make lock` writes it.'; \
	  $(BIN)/python -c 'import platform; print("# Python", platform.python_version())'; \
	  $(BIN)/python -m pip --disable-pip-version-check freeze --exclude-editable --exclude manned; } >$(LOCK).part
	@mv $(LOCK).part $(LOCK)

picture: $(VENV)/.test
	@$(BIN)/python tests/page_picture.py docs/pictures

reference: $(VENV)/.run
	@$(BIN)/python -m manned.reference
	@$(BIN)/python examples/make_tune.py examples/tune.mid
	@$(BIN)/python examples/surfaces

# man looks beside the folders of PATH: with .venv/bin among them, `man manned` finds them.
man: $(VENV)/.run
	@$(BIN)/python -m manned.manual $(or $(ARGS),$(VENV)/share/man)/man1

clean:
	rm -rf $(VENV) build dist *.egg-info .pytest_cache .hypothesis
	find . -name __pycache__ -prune -exec rm -rf {} +

# Bring in the packages of $(1) that are missing, or say what to type.
define packages
@missing=; for package in $(1); do \
  dpkg-query -W -f '$${Status}' $$package 2>/dev/null | grep -q 'ok installed' || missing="$$missing $$package"; \
done; \
if [ -z "$$missing" ]; then exit 0; fi; \
if ! command -v apt-get >/dev/null; then \
  echo "make: this is not Debian or Ubuntu, so install these yourself if they are missing:$$missing"; exit 0; \
fi; \
if [ "$$(id -u)" = 0 ]; then root=; \
elif command -v sudo >/dev/null && { sudo -n true 2>/dev/null || [ -t 0 ]; }; then root=sudo; \
else \
  echo "make: some system packages are missing and only root may install them. Type this as root, then make again:" >&2; \
  echo "    apt-get install --no-install-recommends$$missing" >&2; exit 1; \
fi; \
echo "make: installing system packages:$$missing"; \
log=$$(mktemp); \
if ! { $$root apt-get -qq update && $$root env DEBIAN_FRONTEND=noninteractive \
       apt-get -qq install --no-install-recommends $$missing </dev/null; } >$$log 2>&1; then \
  tail -n 20 $$log >&2; rm -f $$log; echo "make: apt-get could not install$$missing (see above)" >&2; exit 1; \
fi; rm -f $$log
endef

# Unpack package $(1) into the folder of its name, and go on without it.
define unpacked
@if [ ! -d $(VENV)/$(1) ]; then \
  folder=$$(mktemp -d); (cd $$folder && apt-get -qq download $(1)) >/dev/null 2>&1 && \
    dpkg-deb --extract $$folder/*.deb $(VENV)/$(1) || echo 'make: $(1) cannot be had, so its test is skipped'; \
  rm -rf $$folder; \
fi
endef

# Bring in a browser if root may, and go on without it.
define browser
@if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null && ! command -v $(BROWSER_PACKAGE) >/dev/null; then \
  echo 'make: installing $(BROWSER_PACKAGE)'; apt-get -qq update >/dev/null 2>&1; \
  DEBIAN_FRONTEND=noninteractive apt-get -qq install --no-install-recommends $(BROWSER_PACKAGE) </dev/null >/dev/null 2>&1; \
fi; command -v $(BROWSER_PACKAGE) >/dev/null || echo 'make: without $(BROWSER_PACKAGE) the tests of the page are skipped'
endef

# Bring in PyTorch for processors alone if it can be had, and go on without it.
define pytorch
@$(BIN)/python -c 'import torch' 2>/dev/null || { echo 'make: adding PyTorch'; \
  $(BIN)/python -m pip --disable-pip-version-check install --quiet --quiet $(PYTORCH) 2>/dev/null || \
  echo 'make: $(PYTORCH) cannot be had, so RAVE is left out; any other PyTorch in $(VENV) will do'; }
endef

$(VENV)/.venv:
	@command -v $(PYTHON) >/dev/null || { echo "make: $(PYTHON) is missing: apt-get install python3" >&2; exit 1; }
	$(call packages,$(PYTHON_PACKAGES))
	@echo 'make: creating $(VENV), a Python environment of its own'
	@$(PYTHON) -m venv $(VENV)
	@touch $@

$(VENV)/.run: $(VENV)/.venv setup.cfg pyproject.toml Makefile
	$(call packages,$(RUN_PACKAGES))
	@echo 'make: installing manned and the Python packages it needs into $(VENV)'
	@$(BIN)/python -m pip --disable-pip-version-check install --quiet --quiet $(CONSTRAINTS) --editable '.[announce,encode]'
	@touch $@

$(VENV)/.train: $(VENV)/.run
	@echo 'make: adding what training needs (TensorFlow is large)'
	@$(BIN)/python -m pip --disable-pip-version-check install --quiet --quiet $(CONSTRAINTS) --editable '.[training]'
	@touch $@

$(VENV)/.test: $(VENV)/.train
	$(call packages,$(TEST_PACKAGES))
	$(call browser)
	@echo 'make: adding what the tests need'
	@$(BIN)/python -m pip --disable-pip-version-check install --quiet --quiet $(CONSTRAINTS) --editable '.[cluster,test,training]'
	@if command -v npm >/dev/null; then npm --prefix $(VENV) install --silent --no-fund --no-audit --ignore-scripts \
	  $(NODE_PACKAGES) >/dev/null || echo 'make: without the packages $(NODE_PACKAGES) of npm, some tests are skipped'; fi
	@touch $@

$(VENV)/.lint: $(VENV)/.test
	@echo 'make: adding what the checks of style and types need'
	@$(BIN)/python -m pip --disable-pip-version-check install --quiet --quiet $(CONSTRAINTS) --editable '.[lint]'
	@touch $@

$(VENV)/.bench: $(VENV)/.train
	$(call packages,fluidsynth fluid-soundfont-gm)
	@echo 'make: adding what the measurements of the sound need'
	@$(BIN)/python -m pip --disable-pip-version-check install --quiet --quiet $(CONSTRAINTS) --editable '.[sound,training]'
	@touch $@
