# docker build -t realmem .
# A release passes both images by digest (image/release.ts). A tag can point to another image tomorrow: use it for tests only.
ARG NODE_IMAGE=node:26-bookworm-slim
ARG BASE_IMAGE=gcr.io/distroless/cc-debian12:nonroot
FROM ${NODE_IMAGE} AS build
WORKDIR /src
COPY package.json package-lock.json .npmrc ./
COPY image/node/package.json image/node/
# npm checks each package against its hash in package-lock.json, and runs no install scripts.
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY image image
COPY src src
RUN npm run bundle
# Node 26 needs libatomic. The base image below has all other libraries.
RUN apt-get update && apt-get install -y --no-install-recommends libatomic1 \
  && mkdir lib && cp /usr/lib/*-linux-gnu/libatomic.so.1 lib/

# The base image has the C and C++ libraries for Node, but no shell and no package manager.
FROM ${BASE_IMAGE}
LABEL org.opencontainers.image.title="realmem" \
      org.opencontainers.image.description="Real memory use of containers, and suggested requests and limits" \
      org.opencontainers.image.source="https://github.com/realmem/realmem" \
      org.opencontainers.image.licenses="Apache-2.0"
COPY --from=build /src/lib /usr/lib
COPY --from=build /usr/local/bin/node /usr/local/bin/node
COPY --from=build /usr/local/LICENSE /usr/local/share/doc/node/LICENSE
COPY --from=build /src/dist /realmem
COPY LICENSE /realmem/LICENSE
USER 65532:65532
# One malloc arena for all threads saves memory, and the threads rarely allocate at the same time. What takes 16 KiB or more,
# such as the work space of V8's compiler, goes back to the kernel as soon as it is free.
ENV MALLOC_ARENA_MAX=1 MALLOC_MMAP_THRESHOLD_=16384 MALLOC_TRIM_THRESHOLD_=131072
# The sizes limit the JavaScript heap. The triggers collect garbage early: V8 would let 8 MB of it gather first. One compiler of
# three, Maglev, is enough for an agent, and one of four helper threads.
ENTRYPOINT ["/usr/local/bin/node", "--max-semi-space-size=1", "--max-old-space-size=40", "--optimize-for-size", "--v8-pool-size=1", \
  "--incremental-marking-hard-trigger=25", "--no-turbofan", "--no-sparkplug", \
  "--invocation-count-for-maglev=3000", "/realmem/realmem.mjs"]
CMD ["agent"]
