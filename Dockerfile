# An image that serves the project in /app; what its rooms store is in the volume /data.
#
#   docker build -t partylua .
#   docker run -p 127.0.0.1:1999:1999 -v "$PWD/examples/chat:/app:ro" -v chat:/data partylua
#
# spec/build/docker.test.mjs carries out this file where there is no Docker.

FROM debian:bookworm-slim AS build
WORKDIR /src
COPY . .
RUN scripts/setup build deb && make deb

FROM debian:bookworm-slim
COPY --from=build /src/build/deb/*.deb /tmp/
RUN apt-get update \
    && apt-get install -y --no-install-recommends ca-certificates tzdata /tmp/*.deb \
    && rm -rf /tmp/*.deb /var/lib/apt/lists/* \
    && install -d -o partylua -g partylua -m 0700 /data \
    && install -d /app
# Docker kills what has not ended 10 seconds after SIGTERM.
ENV PARTYLUA_HOST=0.0.0.0 PARTYLUA_DATA=/data PARTYLUA_DRAIN_TIMEOUT=8s
USER partylua
WORKDIR /app
VOLUME /data
EXPOSE 1999
HEALTHCHECK --interval=30s --timeout=5s --start-period=10s CMD ["partylua", "info"]
ENTRYPOINT ["partylua"]
CMD ["serve"]
