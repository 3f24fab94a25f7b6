#![no_main]

#[path = "../../tests/properties/mod.rs"]
mod properties;

use properties::cost::{COUNTER, Count};

/// Counts what a call allocates.
fn count(run: &mut dyn FnMut()) -> Count {
    let info = allocation_counter::measure(run);
    Count { peak: info.bytes_max, total: info.bytes_total }
}

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    COUNTER.get_or_init(|| count);
    properties::input::cost(bytes);
});
