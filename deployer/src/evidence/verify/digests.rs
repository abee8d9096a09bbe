//! Hashes many files at once.

use std::io;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use crate::evidence::source::Source;
use crate::evidence::{Digest, hash};

/// More threads than this wait for the disk.
const MOST_THREADS: usize = 8;

/// A file to hash, and the bytes that it may have: what is longer is read one byte further.
#[derive(Debug, Clone, Copy)]
pub(super) struct Job<'a> {
    pub(super) path: &'a str,
    pub(super) limit: u64,
}

/// The digests and sizes of some files, in their order.
pub(super) fn digests(source: &Source, jobs: &[Job<'_>]) -> Vec<io::Result<(Digest, u64)>> {
    // The largest first, so that none is begun when all others are done.
    let mut order: Vec<usize> = (0..jobs.len()).collect();
    order.sort_by_key(|at| std::cmp::Reverse(jobs.get(*at).map(|job| job.limit)));
    let threads = std::thread::available_parallelism().map_or(1, usize::from).min(MOST_THREADS).min(jobs.len());
    let (next, results) = (AtomicUsize::new(0), Mutex::new(Vec::with_capacity(jobs.len())));
    let work = || {
        while let Some(at) = order.get(next.fetch_add(1, Ordering::Relaxed)) {
            let Some(job) = jobs.get(*at) else { break };
            let result = source.read(job.path, |reader| hash::read(reader, job.limit));
            results.lock().unwrap_or_else(PoisonError::into_inner).push((*at, result));
        }
    };
    std::thread::scope(|scope| {
        for _ in 1..threads {
            scope.spawn(work);
        }
        work();
    });
    let mut results = results.into_inner().unwrap_or_else(PoisonError::into_inner);
    results.sort_by_key(|(at, _)| *at);
    results.into_iter().map(|(_, result)| result).collect()
}
