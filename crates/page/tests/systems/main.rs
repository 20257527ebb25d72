//! What the pages of other systems than Linux promise, on pages that the tests keep.
//!
//! None of these systems runs here. So the same properties are asked of every layout,
//! with answers that the tests compute for themselves.

mod darwin;
mod freebsd;
mod harness;
mod hostile;
mod openbsd;
mod vmclock;
mod windows;

/// Asks every property of every system.
macro_rules! systems {
    ($($name:ident: $system:ty,)*) => {$(
        mod $name {
            use crate::harness as property;
            type System = $system;

            #[test]
            fn the_value_is_the_exact_one() {
                property::the_value_is_the_exact_one::<System>();
            }
            #[test]
            fn it_never_goes_back_while_its_keeper_ticks() {
                property::it_never_goes_back_while_its_keeper_ticks::<System>();
            }
            #[test]
            fn a_page_in_an_update_is_not_read() {
                property::a_page_in_an_update_is_not_read::<System>();
            }
            #[test]
            fn a_page_that_was_left_in_an_update_is_taken_over() {
                property::a_page_that_was_left_in_an_update_is_taken_over::<System>();
            }
            #[test]
            fn an_update_that_panics_changes_nothing() {
                property::an_update_that_panics_changes_nothing::<System>();
            }
            #[test]
            fn a_page_that_is_switched_off_says_so() {
                property::a_page_that_is_switched_off_says_so::<System>();
            }
            #[test]
            fn an_old_page_is_exact_or_refused() {
                property::an_old_page_is_exact_or_refused::<System>();
            }
            #[test]
            fn an_update_in_the_middle_of_a_read_is_noticed() {
                property::an_update_in_the_middle_of_a_read_is_noticed::<System>();
            }
            #[test]
            fn readers_beside_the_keeper_see_whole_updates() {
                property::readers_beside_the_keeper_see_whole_updates::<System>();
            }
            #[test]
            fn whatever_is_on_the_page_there_is_an_answer() {
                crate::hostile::whatever_is_on_the_page_there_is_an_answer::<System>();
            }
        }
    )*};
}

mod every {
    systems! {
        freebsd_x86_64: crate::freebsd::X86_64,
        freebsd_aarch64: crate::freebsd::Aarch64,
        openbsd_x86_64: crate::openbsd::OpenBsd,
        darwin_x86_64: crate::darwin::X86_64,
        darwin_aarch64: crate::darwin::Aarch64,
        windows_tsc: crate::windows::Tsc,
        windows_hypervisor: crate::windows::Hypervisor,
        vmclock_guest: crate::vmclock::Guest,
    }
}
