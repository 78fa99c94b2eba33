# The program alone, on nothing: `docker build -t workos-orgs .`, then for a list in this folder
# `docker run --rm -it --user "$(id -u):$(id -g)" -e WORKOS_API_KEY -v "$PWD:/data" workos-orgs import customers.csv`
FROM rust:1.95-alpine AS build
RUN apk add --no-cache build-base
WORKDIR /src
COPY . .
RUN cargo build --release --locked && mkdir -m 1777 /empty

FROM scratch
# The program brings Mozilla's certificates; it needs a place for temporary files.
COPY --from=build /empty /tmp
COPY --from=build /src/target/release/workos-orgs /workos-orgs
WORKDIR /data
USER 65534:65534
ENTRYPOINT ["/workos-orgs"]
