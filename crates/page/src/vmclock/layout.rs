//! Where the fields of `struct vmclock_abi` lie.

use core::mem::offset_of;

/// Bytes of the structure as it is known here. A host may have a shorter or a longer one
/// and says how long it is.
pub const LENGTH: usize = size_of::<VmclockAbi>();

/// `VMCLOCK_MAGIC`, "VCLK".
pub(super) const VCLK: u32 = 0x4b4c_4356;

/// The version that is known here.
pub(super) const KNOWN: u16 = 1;

#[repr(C)]
struct VmclockAbi {
    magic: u32,
    size: u32,
    version: u16,
    counter_id: u8,
    time_type: u8,
    seq_count: u32,
    disruption_marker: u64,
    flags: u64,
    pad: [u8; 2],
    clock_status: u8,
    leap_second_smearing_hint: u8,
    tai_offset_sec: u16,
    leap_indicator: u8,
    counter_period_shift: u8,
    counter_value: u64,
    counter_period_frac_sec: u64,
    counter_period_esterror_rate_frac_sec: u64,
    counter_period_maxerror_rate_frac_sec: u64,
    time_sec: u64,
    time_frac_sec: u64,
    time_esterror_nanosec: u64,
    time_maxerror_nanosec: u64,
    vm_generation_counter: u64,
}

pub(super) const MAGIC: usize = offset_of!(VmclockAbi, magic);
pub(super) const SIZE: usize = offset_of!(VmclockAbi, size);
pub(super) const VERSION: usize = offset_of!(VmclockAbi, version);
pub(super) const COUNTER_ID: usize = offset_of!(VmclockAbi, counter_id);
pub(super) const TIME_TYPE: usize = offset_of!(VmclockAbi, time_type);
pub(super) const SEQ_COUNT: usize = offset_of!(VmclockAbi, seq_count);
pub(super) const DISRUPTION: usize = offset_of!(VmclockAbi, disruption_marker);
pub(super) const FLAGS: usize = offset_of!(VmclockAbi, flags);
pub(super) const STATUS: usize = offset_of!(VmclockAbi, clock_status);
pub(super) const SMEARING: usize = offset_of!(VmclockAbi, leap_second_smearing_hint);
pub(super) const TAI_OFFSET: usize = offset_of!(VmclockAbi, tai_offset_sec);
pub(super) const LEAP: usize = offset_of!(VmclockAbi, leap_indicator);
pub(super) const SHIFT: usize = offset_of!(VmclockAbi, counter_period_shift);
pub(super) const COUNTER: usize = offset_of!(VmclockAbi, counter_value);
pub(super) const PERIOD: usize = offset_of!(VmclockAbi, counter_period_frac_sec);
pub(super) const PERIOD_EST: usize = offset_of!(VmclockAbi, counter_period_esterror_rate_frac_sec);
pub(super) const PERIOD_MAX: usize = offset_of!(VmclockAbi, counter_period_maxerror_rate_frac_sec);
pub(super) const SEC: usize = offset_of!(VmclockAbi, time_sec);
pub(super) const FRAC: usize = offset_of!(VmclockAbi, time_frac_sec);
pub(super) const TIME_EST: usize = offset_of!(VmclockAbi, time_esterror_nanosec);
pub(super) const TIME_MAX: usize = offset_of!(VmclockAbi, time_maxerror_nanosec);
pub(super) const VM_GENERATION: usize = offset_of!(VmclockAbi, vm_generation_counter);

/// How long the structure must be for a host that tells the time.
pub(super) const WITH_TIME: usize = FRAC + 8;

// As the header's order and widths make them; it has no padding but its own.
const _: () = {
    assert!(MAGIC == 0 && SIZE == 4 && VERSION == 8 && COUNTER_ID == 10 && TIME_TYPE == 11);
    assert!(SEQ_COUNT == 12 && DISRUPTION == 16 && FLAGS == 24 && STATUS == 34);
    assert!(SMEARING == 35 && TAI_OFFSET == 36 && LEAP == 38 && SHIFT == 39 && COUNTER == 40);
    assert!(PERIOD == 48 && PERIOD_EST == 56 && PERIOD_MAX == 64 && SEC == 72 && FRAC == 80);
    assert!(TIME_EST == 88 && TIME_MAX == 96 && VM_GENERATION == 104 && LENGTH == 112);
};
