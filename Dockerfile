# followthrough as a container: no root, no shell needed, read-only root file system.
#
#   docker build -t followthrough .
#
# The base is pinned by version. To pin it by content as well, look the digest up once and give it:
#   docker buildx imagetools inspect python:3.11.14-slim-trixie
#   docker build --build-arg BASE=python:3.11.14-slim-trixie@sha256:… -t followthrough .

ARG BASE=python:3.11.14-slim-trixie

FROM ${BASE} AS builder
WORKDIR /build
COPY requirements.lock requirements-build.lock ./
# What builds the wheel stays behind in this stage.
RUN python -m venv /build/tools \
 && /build/tools/bin/python -m pip install --no-cache-dir --require-hashes -r requirements-build.lock
RUN python -m venv /opt/followthrough \
 && /opt/followthrough/bin/python -m pip install --no-cache-dir --require-hashes -r requirements.lock
COPY pyproject.toml README.md LICENSE ./
COPY sync sync
COPY adapters adapters
COPY mappings mappings
# pip is of no use to the program, but it would be to an intruder.
RUN /build/tools/bin/python -m pip wheel --no-cache-dir --no-deps --no-build-isolation --wheel-dir dist . \
 && /opt/followthrough/bin/python -m pip install --no-cache-dir --no-deps dist/*.whl \
 && /opt/followthrough/bin/python -m pip uninstall --yes --quiet pip setuptools

FROM ${BASE}
# git: off the main branch documents are read from main's tree. The folder of documents belongs to
# somebody else than the container's user, which git has to be told is meant.
# hadolint ignore=DL3008
RUN apt-get update \
 && apt-get install --yes --no-install-recommends git \
 && rm -rf /var/lib/apt/lists/* \
 && git config --system --add safe.directory '*' \
 && install -d -m 0700 -o 10001 -g 10001 /var/lib/followthrough
COPY --from=builder /opt/followthrough /opt/followthrough
ENV PATH=/opt/followthrough/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    FOLLOWTHROUGH_CONFIG=/etc/followthrough/followthrough.toml \
    FOLLOWTHROUGH_LOG_FORMAT=json \
    FOLLOWTHROUGH_STATE__URL=sqlite:////var/lib/followthrough/followthrough.db \
    FOLLOWTHROUGH_DAEMON__LISTEN=0.0.0.0:9464
USER 10001:10001
WORKDIR /var/lib/followthrough
VOLUME /var/lib/followthrough
EXPOSE 9464
# Healthy means that every pair's last good cycle is young enough, not merely that a process runs.
HEALTHCHECK --interval=30s --timeout=10s --start-period=1m --retries=3 \
  CMD ["python", "-c", "import http.client as h, sys; c = h.HTTPConnection('127.0.0.1', 9464, timeout=5); c.request('GET', '/healthz'); sys.exit(c.getresponse().status != 200)"]
ENTRYPOINT ["followthrough"]
CMD ["run"]
