//! Criterion's statistics of every peer's way to ask the time.

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use instanter_clock::Clock;

fn libc_now(id: i32) -> libc::timespec {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: writes one timespec.
    unsafe { libc::clock_gettime(id, &mut time) };
    time
}

/// What a log line and a stopwatch want: the wall clock and the monotonic one.
fn wall_and_monotonic(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("wall and monotonic");
    group.bench_function("instanter::now", |b| b.iter(instanter::now));
    group.bench_function("instanter::now_relaxed", |b| b.iter(instanter::now_relaxed));
    group.bench_function("std", |b| {
        b.iter(|| (std::time::SystemTime::now(), std::time::Instant::now()));
    });
    group.bench_function("libc", |b| b.iter(|| (libc_now(0), libc_now(1))));
    group.finish();
}

fn wall(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("wall");
    group.bench_function("instanter Clock::REALTIME", |b| b.iter(|| Clock::REALTIME.now()));
    group.bench_function("std SystemTime", |b| b.iter(std::time::SystemTime::now));
    group.bench_function("chrono Utc", |b| b.iter(chrono::Utc::now));
    group.bench_function("jiff Timestamp", |b| b.iter(jiff::Timestamp::now));
    group.bench_function("time OffsetDateTime", |b| b.iter(time::OffsetDateTime::now_utc));
    group.bench_function("libc", |b| b.iter(|| libc_now(0)));
    group.finish();
}

fn monotonic(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("monotonic");
    group.bench_function("instanter ordered", |b| b.iter(|| Clock::MONOTONIC.now()));
    group.bench_function("instanter relaxed", |b| b.iter(|| Clock::MONOTONIC.now_relaxed()));
    group.bench_function("std Instant", |b| b.iter(std::time::Instant::now));
    group.bench_function("quanta", |b| b.iter(quanta::Instant::now));
    group.bench_function("fastant", |b| b.iter(fastant::Instant::now));
    group.bench_function("minstant", |b| b.iter(minstant::Instant::now));
    group.bench_function("libc", |b| b.iter(|| libc_now(1)));
    group.finish();
}

fn coarse(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("coarse");
    group.bench_function("instanter both", |b| b.iter(instanter_clock::coarse_pair));
    group.bench_function("coarsetime", |b| b.iter(coarsetime::Instant::now));
    group.bench_function("libc one", |b| b.iter(|| libc_now(6)));
    group.finish();
}

fn others(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("others");
    group.bench_function("snapshot", |b| b.iter(instanter_clock::snapshot));
    group.bench_function("epoch", |b| b.iter(instanter_clock::epoch));
    group.bench_function("counter relaxed", |b| b.iter(instanter_counter::relaxed));
    group.bench_function("counter ordered", |b| b.iter(instanter_counter::ordered));
    group.bench_function("system call", |b| b.iter(|| black_box(Clock::THREAD_CPU.now())));
    group.finish();
}

criterion_group!(benches, wall_and_monotonic, wall, monotonic, coarse, others);
criterion_main!(benches);
