# Built in two steps: the image holds production dependencies and compiled code only.
FROM node:22-slim AS build
WORKDIR /opt/sluice
COPY package.json package-lock.json ./
RUN npm ci --no-audit --no-fund
COPY tsconfig.json ./
COPY scripts scripts
COPY src src
COPY pumps pumps
# All but native packages is in dist; optional ones stay, for the native parts of codecs are such.
RUN npm run build && npm prune --omit=dev

FROM node:22-slim
ENV NODE_ENV=production
WORKDIR /opt/sluice
# Zone data for records in zones of their own.
RUN apt-get update && apt-get install -y --no-install-recommends tzdata && rm -rf /var/lib/apt/lists/*
COPY --from=build /opt/sluice/package.json ./
COPY --from=build /opt/sluice/node_modules node_modules
COPY --from=build /opt/sluice/dist dist
# Tyk Pump's image keeps its configuration here; a mount made for it works unchanged.
RUN mkdir -p /opt/tyk-pump && ln -s /opt/sluice/dist/src/main.js /usr/local/bin/sluice && chmod +x dist/src/main.js
WORKDIR /opt/tyk-pump
USER node
EXPOSE 8083
HEALTHCHECK --interval=10s --timeout=3s CMD ["node", "-e", "fetch('http://127.0.0.1:8083/live').then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["sluice"]
CMD ["--conf", "/opt/tyk-pump/pump.conf"]
