# The same package that npm serves, in an image of its own:
#   docker build -t pdns-shadow .
#   docker run -v ./agent.yaml:/etc/pdns-shadow/agent.yaml:ro --network host pdns-shadow
#   docker run --rm pdns-shadow predict api.acme.test A --zone …
# Host networking (or a place in the server's pod) gives the probes the vantage that PowerDNS has.

FROM node:24-slim AS build
WORKDIR /src
# Dependencies first: they change seldom, and this layer is kept until they do.
COPY package.json package-lock.json .npmrc ./
RUN npm ci
COPY . .
# npm pack would build a second time through `prepack`.
RUN npm run build && npm pack --ignore-scripts --pack-destination /tmp

FROM node:24-slim AS runtime
LABEL org.opencontainers.image.title="pdns-shadow" \
      org.opencontainers.image.description="Knows what a PowerDNS server must answer, and proves it" \
      org.opencontainers.image.licenses="MIT" \
      org.opencontainers.image.source="https://github.com/pdns-shadow/pdns-shadow"
ENV NODE_ENV=production
COPY --from=build /tmp/pdns-shadow-*.tgz /tmp/
RUN npm install --global --omit=dev --no-fund --no-audit /tmp/pdns-shadow-*.tgz \
 && npm cache clean --force \
 && rm /tmp/pdns-shadow-*.tgz \
 && install -d -o node -g node /var/lib/pdns-shadow /etc/pdns-shadow
# Numeric, so that Kubernetes can see for itself that `runAsNonRoot` holds.
USER 1000:1000
WORKDIR /var/lib/pdns-shadow
EXPOSE 9953
# Slim images have no curl. A reply that is not 2xx, no reply, and a reply after 3 s all count as ill.
HEALTHCHECK --interval=15s --timeout=5s --start-period=20s --retries=3 \
  CMD ["node", "-e", "fetch('http://127.0.0.1:9953/-/healthy', { signal: AbortSignal.timeout(3000) }).then((reply) => process.exit(reply.ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["pdns-shadow"]
CMD ["agent", "--config", "/etc/pdns-shadow/agent.yaml"]
