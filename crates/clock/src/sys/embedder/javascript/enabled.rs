//! The clocks of JavaScript: `Date.now()` and `performance.now()`.
//!
//! The wall clock counts milliseconds. The monotonic one counts from when the page was
//! opened, and is made coarser on purpose, to 5 or 100 µs, so that pages cannot spy.
//!
//! # References
//! <https://www.w3.org/TR/hr-time-3/>

use instanter_page::Timespec;
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

use crate::embedder::Clocks;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_namespace = Date, js_name = now)]
    fn date_now() -> f64;
    /// Throws where there is no `performance`, as in old worklets.
    #[wasm_bindgen(catch, js_namespace = performance, js_name = now)]
    fn performance_now() -> Result<f64, JsValue>;
}

const MILLISECOND: Timespec = Timespec { sec: 0, nsec: 1_000_000 };
const FIVE_MICROSECONDS: Timespec = Timespec { sec: 0, nsec: 5_000 };

static JAVASCRIPT: Clocks = Clocks {
    realtime: || Some(from_millis(date_now())),
    monotonic: || performance_now().ok().map(from_millis),
    realtime_resolution: MILLISECOND,
    monotonic_resolution: FIVE_MICROSECONDS,
    // The thread that shows the page must not wait.
    sleep: None,
};

pub(super) const CLOCKS: Option<&Clocks> = Some(&JAVASCRIPT);

/// Milliseconds in a fraction that is exact to a few hundred nanoseconds for Unix time, and
/// to less for the time since a page was opened.
fn from_millis(millis: f64) -> Timespec {
    Timespec::from_nanos((millis * 1_000_000.0) as i128)
}
