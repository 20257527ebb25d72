//! WebAssembly has no terminal that a bar could be drawn on.

pub(super) struct Bar;

pub(super) const fn bar() -> Bar {
    Bar
}

impl Bar {
    pub(super) const fn set_position(&self, _: u64) {}

    pub(super) fn suspend(&self, message: impl FnOnce()) {
        message();
    }

    pub(super) const fn finish_and_clear(&self) {}
}
