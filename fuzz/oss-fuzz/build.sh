#!/bin/bash -eu
# Builds every target into $OUT, with the corpus, the dictionary and the options that it begins with.

cd "$SRC/wsanvil"

# The engines choose the sanitizer by RUSTFLAGS, which cargo fuzz adds to.
cargo fuzz build --fuzz-dir fuzz -O --debug-assertions

# An ordinary program writes the corpora: without the flags and the linker of the targets.
begin="$WORK/begin"
rm -rf "$begin"
mkdir -p "$begin"
env -u RUSTFLAGS -u CFLAGS -u CXXFLAGS CARGO_TARGET_DIR="$WORK/xtask" \
    cargo run --quiet --package xtask -- fuzz --export "$begin"

for source in fuzz/fuzz_targets/*.rs; do
    target=$(basename "$source" .rs)
    cp "fuzz/target/x86_64-unknown-linux-gnu/release/$target" "$OUT/"
    zip -q -r -j "$OUT/${target}_seed_corpus.zip" "$begin/$target"
done
cp "$begin"/*.options "$begin"/*.dict "$OUT/"
