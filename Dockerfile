# docker build -t realmem .
# A release gives both by digest (image/release.ts). A tag can lead elsewhere tomorrow: by it alone an image is for trying out.
ARG NODE_IMAGE=node:26-bookworm-slim
ARG BASE_IMAGE=gcr.io/distroless/cc-debian12:nonroot
FROM ${NODE_IMAGE} AS build
WORKDIR /src
COPY package.json package-lock.json .npmrc ./
COPY image/node/package.json image/node/
# Each package by its hash in the lock. No script of a package runs.
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY image image
COPY src src
RUN npm run bundle
# Node 26 needs it, and the base below has all the others.
RUN apt-get update && apt-get install -y --no-install-recommends libatomic1 \
  && mkdir lib && cp /usr/lib/*-linux-gnu/libatomic.so.1 lib/

# No shell and no package manager; C and C++ libraries for Node.
FROM ${BASE_IMAGE}
LABEL org.opencontainers.image.title="realmem" \
      org.opencontainers.image.description="How much memory containers really use" \
      org.opencontainers.image.source="https://github.com/realmem/realmem" \
      org.opencontainers.image.licenses="Apache-2.0"
COPY --from=build /src/lib /usr/lib
COPY --from=build /usr/local/bin/node /usr/local/bin/node
COPY --from=build /usr/local/LICENSE /usr/local/share/doc/node/LICENSE
COPY --from=build /src/dist /realmem
COPY LICENSE /realmem/LICENSE
USER 65532:65532
# One heap for all threads of the C library: they hardly work at the same time.
ENV MALLOC_ARENA_MAX=1
# Flags that keep the heap of the program small: it has little to hold, and would otherwise let garbage lie.
ENTRYPOINT ["/usr/local/bin/node", "--max-semi-space-size=1", "--max-old-space-size=40", "/realmem/realmem.mjs"]
CMD ["agent"]
