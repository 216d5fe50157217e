//! All groups under criterion: `cargo bench --bench codec -- decode/16B`.

use criterion::{Criterion, Throughput, criterion_group, criterion_main};

fn codec(criterion: &mut Criterion) {
    for group in wsanvil_codec_bench::groups() {
        let mut bench = criterion.benchmark_group(&group.id);
        bench.throughput(Throughput::Bytes(group.octets));
        for mut contender in group.contenders.into_iter().chain(group.limit) {
            bench.bench_function(contender.name, |bencher| bencher.iter(&mut contender.work));
        }
        bench.finish();
    }
}

criterion_group!(benches, codec);
criterion_main!(benches);
