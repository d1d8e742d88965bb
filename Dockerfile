# syntax=docker/dockerfile:1
# Not built by our tests: the machines that run them have no container engine. The steps are those of scripts/build --trained,
# which needs PostgreSQL's programs to try the program out, and LLVM's to read what it counted.

FROM rust:1-bookworm AS build
RUN apt-get update && apt-get install -y --no-install-recommends nodejs npm postgresql python3 \
    && rustup component add llvm-tools && rm -rf /var/lib/apt/lists/*
WORKDIR /src
COPY . .
ENV CARGO_TARGET_DIR=/target ATHENA_CACHE=/cache
RUN --mount=type=cache,target=/usr/local/cargo/registry \
    --mount=type=cache,target=/target \
    --mount=type=cache,target=/cache \
    scripts/build --trained && cp /target/trained/athena /athena

FROM debian:bookworm-slim
# PostgreSQL's programs are for the database that Athena runs when it is given none.
RUN apt-get update \
    && apt-get install -y --no-install-recommends ca-certificates postgresql-common \
    && echo "create_main_cluster = false" > /etc/postgresql-common/createcluster.conf \
    && apt-get install -y --no-install-recommends postgresql \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --create-home --home-dir /var/lib/athena athena
COPY --from=build /athena /usr/local/bin/athena
USER athena
ENV ATHENA_DATA_DIR=/var/lib/athena
VOLUME /var/lib/athena
EXPOSE 4052
HEALTHCHECK --interval=10s --timeout=3s CMD ["/usr/bin/perl", "-MIO::Socket::INET", "-e", "exit(IO::Socket::INET->new('127.0.0.1:4052') ? 0 : 1)"]
ENTRYPOINT ["athena"]
CMD ["server", "--host", "0.0.0.0"]
