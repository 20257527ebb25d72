// Reads of known numbers from known functions.
use std::time::{Duration, Instant, SystemTime};

mod work {
    use super::SystemTime;

    pub struct Worker<T>(pub T);

    impl<T: Copy + Into<u64>> Worker<T> {
        #[inline(never)]
        pub fn busy(&self) -> bool {
            let mut last = SystemTime::UNIX_EPOCH;
            for _ in 0..self.0.into() {
                last = SystemTime::now();
            }
            last > SystemTime::UNIX_EPOCH
        }
    }
}

#[inline(never)]
fn spin(n: u32) -> Duration {
    let start = Instant::now();
    let mut last = start;
    for _ in 0..n {
        last = Instant::now();
    }
    last - start
}

fn main() {
    println!("{}", work::Worker(300_u64).busy() && spin(5000) >= Duration::ZERO);
}
