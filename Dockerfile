# Built in two steps: the image holds production dependencies and compiled code only. For amd64 and arm64:
#   docker buildx build --platform linux/amd64,linux/arm64 --build-arg VERSION=… --build-arg REVISION=… .
FROM node:24-slim AS build
WORKDIR /opt/sluice
# The native module for Unix sockets (DogStatsD, StatsD) is compiled here. Versions are those of the image's Debian, which keeps no
# others.
# hadolint ignore=DL3008
RUN apt-get update && apt-get install -y --no-install-recommends g++ make python3
COPY package.json package-lock.json ./
RUN npm ci --no-audit --no-fund
COPY tsconfig.json ./
COPY scripts scripts
COPY src src
COPY pumps pumps
COPY sources sources
# All but the native package is in dist; it is an optional one and stays. What captures is kept apart: it has an image of its own.
RUN npm run build -- --no-types && npm prune --omit=dev \
 && install -d /opt/capture/dist/src && mv dist/src/capture.js dist/src/capture.js.map dist/src/capture-parts /opt/capture/dist/src/ \
 && cp package.json dist/THIRD-PARTY.txt /opt/capture/

# `docker build --target sluice-capture .`: sources in place of pumps (docs/capture.md).
FROM node:24-slim AS sluice-capture
ENV NODE_ENV=production
ENV NODE_OPTIONS=--max-semi-space-size=16 MALLOC_ARENA_MAX=1 MALLOC_MMAP_THRESHOLD_=131072
WORKDIR /opt/sluice
# hadolint ignore=DL3008
RUN apt-get update && apt-get install -y --no-install-recommends tzdata && rm -rf /var/lib/apt/lists/*
COPY LICENSE ./
COPY --from=build /opt/capture ./
# Where the configuration is mounted; relative paths in it lead here.
RUN install -d -o node -g node /opt/sluice-capture && ln -s /opt/sluice/dist/src/capture.js /usr/local/bin/sluice-capture && chmod +x dist/src/capture.js
WORKDIR /opt/sluice-capture
USER 1000:1000
EXPOSE 8080 8084
ARG VERSION=development
ARG REVISION=unknown
LABEL org.opencontainers.image.title="Sluice capture" \
      org.opencontainers.image.description="Writes analytics records of calls that it sees into a gateway's Redis" \
      org.opencontainers.image.licenses="MIT" \
      org.opencontainers.image.version="$VERSION" \
      org.opencontainers.image.revision="$REVISION"
ENTRYPOINT ["sluice-capture"]
CMD ["--conf", "/opt/sluice-capture/capture.yaml"]

# `docker build --target sluice-packets .`: the same with tcpdump, for the source packets. The program has no rights; tcpdump has
# one, to see packets. It runs in the network of another container (docs/capture.md, "Beside a service").
FROM sluice-capture AS sluice-packets
USER 0:0
# hadolint ignore=DL3008
RUN apt-get update && apt-get install -y --no-install-recommends libcap2-bin tcpdump && rm -rf /var/lib/apt/lists/* \
 && setcap cap_net_raw+ep /usr/bin/tcpdump
USER 1000:1000

# The loader of the source ebpf (sources/ebpf/README.md): C, for the kernel and beside it.
FROM node:24-slim AS ebpf-build
WORKDIR /opt/sluice
# hadolint ignore=DL3008
RUN apt-get update && apt-get install -y --no-install-recommends clang libbpf-dev libelf-dev llvm
COPY package.json ./
COPY scripts scripts
COPY sources/ebpf/native sources/ebpf/native
RUN node scripts/build-ebpf.mjs

# `docker build --target sluice-ebpf .`: the same as sluice-capture, with the loader. The program has no rights; the loader has four,
# and the program's group alone may start it. It runs with the processes of the host (--pid=host).
FROM sluice-capture AS sluice-ebpf
USER 0:0
COPY --from=ebpf-build /opt/sluice/dist/ebpf /opt/sluice/dist/ebpf
# hadolint ignore=DL3008
RUN apt-get update && apt-get install -y --no-install-recommends libcap2-bin && rm -rf /var/lib/apt/lists/* \
 && chown root:1000 /opt/sluice/dist/ebpf/sluice-ebpf && chmod 0750 /opt/sluice/dist/ebpf/sluice-ebpf \
 && setcap cap_sys_admin,cap_sys_ptrace,cap_setuid,cap_setgid+ep /opt/sluice/dist/ebpf/sluice-ebpf
USER 1000:1000

# `docker build --target sluice-demo .`: an API to look at (demo/capture), as it is written, for this Node runs TypeScript.
FROM node:24-slim AS sluice-demo
ENV NODE_ENV=production
WORKDIR /opt/sluice
COPY LICENSE package.json ./
COPY sources/forward/certificates sources/forward/certificates
COPY demo demo
# Where its parts meet: certificates and a socket.
RUN install -d -o node -g node /run/demo
USER 1000:1000
EXPOSE 8080
ENTRYPOINT ["node", "/opt/sluice/demo/capture/main.ts"]

FROM node:24-slim
ENV NODE_ENV=production
# Memory that is only held and not used (docs/performance.md, "Releases of Node"): a young generation as large as up to Node
# 22, and a libc that gives large buffers back when they are freed.
ENV NODE_OPTIONS=--max-semi-space-size=16 MALLOC_ARENA_MAX=1 MALLOC_MMAP_THRESHOLD_=131072
WORKDIR /opt/sluice
# Zone data for records in zones of their own.
# hadolint ignore=DL3008
RUN apt-get update && apt-get install -y --no-install-recommends tzdata && rm -rf /var/lib/apt/lists/*
COPY LICENSE ./
COPY --from=build /opt/sluice/package.json ./
COPY --from=build /opt/sluice/node_modules node_modules
COPY --from=build /opt/sluice/dist dist
# Tyk Pump's image keeps its configuration here; a mount made for it works unchanged. It is the working folder, of the user
# who runs it: relative paths, such as the csv pump's, lead here.
RUN install -d -o node -g node /opt/tyk-pump && ln -s /opt/sluice/dist/src/main.js /usr/local/bin/sluice && chmod +x dist/src/main.js
WORKDIR /opt/tyk-pump
# By number, so that Kubernetes knows that this is not root.
USER 1000:1000
EXPOSE 8083
# Reads the same configuration as the service, variables included, and so knows its port.
HEALTHCHECK --interval=10s --timeout=5s CMD ["sluice", "live", "--conf", "/opt/tyk-pump/pump.conf"]
# Last, for each build has another.
ARG VERSION=development
ARG REVISION=unknown
LABEL org.opencontainers.image.title="Sluice" \
      org.opencontainers.image.description="Drains the analytics records of an API gateway from Redis and delivers each one to every sink" \
      org.opencontainers.image.licenses="MIT" \
      org.opencontainers.image.version="$VERSION" \
      org.opencontainers.image.revision="$REVISION"
ENTRYPOINT ["sluice"]
CMD ["--conf", "/opt/tyk-pump/pump.conf"]
