# Marketing Studio, built in stages; only the last one runs.
#   docker build -t marketing-studio .
#   docker build --build-arg MODEL_IN_IMAGE=no -t marketing-studio .     the model comes on a volume, see compose.yaml

FROM node:24-bookworm-slim AS browser
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --ignore-scripts

FROM python:3.11-slim-bookworm AS python
ARG MODEL_IN_IMAGE=yes
# A processor of the last ten years; the image may run elsewhere than where it was built. .engine.cmake is what start.sh
# compiles with too; --verbose shows how far it is, in lines that begin with ninja's [done/all].
ENV CMAKE_ARGS="-DCMAKE_PROJECT_llama_cpp_INCLUDE=/app/.engine.cmake \
    -DGGML_NATIVE=OFF -DGGML_AVX=ON -DGGML_AVX2=ON -DGGML_FMA=ON -DGGML_F16C=ON"
RUN apt-get update && apt-get install --yes --no-install-recommends g++ cmake ninja-build && rm -rf /var/lib/apt/lists/*
WORKDIR /app
COPY requirements.txt .engine.cmake ./
COPY .requirements ./.requirements
# The entry of a package ends with the first line that no backslash continues.
RUN python -m venv /venv \
    && /venv/bin/pip install --no-cache-dir --require-hashes -r .requirements/pip.txt \
    && if [ "$MODEL_IN_IMAGE" = yes ]; then cp requirements.txt /tmp/wanted.txt; \
       else sed '/^gemma3-/,/[^\\]$/d' requirements.txt > /tmp/wanted.txt; fi \
    && /venv/bin/pip install --verbose --no-cache-dir --require-hashes --build-constraint .requirements/build.txt \
       -r /tmp/wanted.txt

FROM python AS built
COPY --from=browser /app/node_modules ./node_modules
COPY package.json wsgi.py ./
COPY marketing_app ./marketing_app
COPY templates ./templates
COPY static ./static
COPY migrations ./migrations
RUN /venv/bin/python -m marketing_app.assets \
    && if [ -d marketing_app/translations ]; then /venv/bin/pybabel compile -d marketing_app/translations; fi \
    && rm -rf node_modules package.json

FROM python:3.11-slim-bookworm AS runtime
RUN apt-get update && apt-get install --yes --no-install-recommends libgomp1 && rm -rf /var/lib/apt/lists/* \
    && useradd --no-create-home --uid 1000 studio
COPY --from=python /venv /venv
COPY --from=built /app /app
WORKDIR /app
RUN mkdir instance && chown studio instance
# The embedded database, which asks for that directory, is not used here, and would keep its files in instance/.
ENV PYTHONWARNINGS="ignore:XDG_RUNTIME_DIR is not set"
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 APP_ENV=production HOST=0.0.0.0 PORT=8000
USER studio
EXPOSE 8000
VOLUME /app/instance
HEALTHCHECK --interval=15s --timeout=5s --start-period=60s \
    CMD ["python", "-c", "import os, urllib.request; urllib.request.urlopen('http://127.0.0.1:' + os.environ['PORT'] + '/health/live', timeout=4)"]
CMD ["python", "-m", "marketing_app.serve"]
