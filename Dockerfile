# A static wsanvil in an image that holds nothing else:
#   docker build -t wsanvil .
#   docker run --rm --network host -v "$PWD/wsanvil-report:/wsanvil-report" wsanvil run ws://127.0.0.1:9001/
FROM rust:1.95-alpine AS build
# hadolint ignore=DL3018
RUN apk add --no-cache musl-dev
WORKDIR /src
COPY . .
RUN cargo build --profile dist --locked --package wsanvil \
    && cp target/dist/wsanvil /wsanvil

FROM scratch
COPY --from=build /wsanvil /wsanvil
# Reports are written below the working directory.
WORKDIR /
ENTRYPOINT ["/wsanvil"]
CMD ["run"]
