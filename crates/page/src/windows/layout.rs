//! Where the fields of `KUSER_SHARED_DATA` lie, for 32-bit and 64-bit programs alike.

/// Address of the page in every process.
pub const ADDRESS: usize = 0x7ffe_0000;

/// Bytes at the start of the page that a reader touches.
pub const LENGTH: usize = 0x3c8;

/// Bytes of the hypervisor's page that a reader touches.
pub const HYPERVISOR_LENGTH: usize = 24;

/// 1970-01-01 in units of 100 ns since 1601-01-01, UTC.
pub const UNIX_EPOCH: i64 = 116_444_736_000_000_000;

// 369 years, of which 89 are leap years: 1604 to 1968 makes 92, less 1700, 1800 and 1900.
const _: () = assert!(UNIX_EPOCH == (369 * 365 + 89) * 86_400 * 10_000_000);

/// A `KSYSTEM_TIME`: `LowPart`, `High1Time`, `High2Time`.
pub(super) const INTERRUPT_TIME: usize = 0x008;
pub(super) const SYSTEM_TIME: usize = 0x014;
pub(super) const NT_MAJOR_VERSION: usize = 0x26c;
pub(super) const QPC_FREQUENCY: usize = 0x300;
pub(super) const TIME_UPDATE_LOCK: usize = 0x340;
pub(super) const BASELINE_SYSTEM_QPC: usize = 0x348;
pub(super) const BASELINE_INTERRUPT_QPC: usize = 0x350;
pub(super) const SYSTEM_INCREMENT: usize = 0x358;
pub(super) const INTERRUPT_INCREMENT: usize = 0x360;
pub(super) const SYSTEM_SHIFT: usize = 0x368;
pub(super) const INTERRUPT_SHIFT: usize = 0x369;
pub(super) const INTERRUPT_BIAS: usize = 0x3b0;
pub(super) const QPC_BIAS: usize = 0x3b8;
pub(super) const QPC_BYPASS: usize = 0x3c6;
pub(super) const QPC_SHIFT: usize = 0x3c7;

#[cfg(test)]
mod tests {
    use super::*;
    use core::mem::offset_of;

    /// The part of the structure that is read, in the order and widths of the header.
    #[repr(C)]
    struct Beginning {
        tick_count_low_deprecated: u32,
        tick_count_multiplier: u32,
        interrupt_time: [u32; 3],
        system_time: [u32; 3],
    }

    /// From 0x300 on.
    #[repr(C)]
    struct Tail {
        qpc_frequency: i64,
        system_call: u32,
        reserved2: u32,
        system_call_pad: [u64; 2],
        tick_count: [u32; 3],
        tick_count_pad: u32,
        cookie: u32,
        cookie_pad: u32,
        console_session: i64,
        time_update_lock: u64,
        baseline_system_time_qpc: u64,
        baseline_interrupt_time_qpc: u64,
        qpc_system_time_increment: u64,
        qpc_interrupt_time_increment: u64,
        qpc_system_time_increment_shift: u8,
        qpc_interrupt_time_increment_shift: u8,
        unparked_processor_count: u16,
        enclave_feature_mask: [u32; 4],
        telemetry_coverage_round: u32,
        user_mode_global_logger: [u16; 16],
        image_file_execution_options: u32,
        lang_generation_count: u32,
        reserved4: u64,
        interrupt_time_bias: u64,
        qpc_bias: u64,
        active_processor_count: u32,
        active_group_count: u8,
        reserved9: u8,
        qpc_bypass_enabled: u8,
        qpc_shift: u8,
    }

    #[test]
    fn offsets_follow_from_the_structure() {
        assert_eq!(INTERRUPT_TIME, offset_of!(Beginning, interrupt_time));
        assert_eq!(SYSTEM_TIME, offset_of!(Beginning, system_time));
        let rows = [
            (QPC_FREQUENCY, offset_of!(Tail, qpc_frequency)),
            (TIME_UPDATE_LOCK, offset_of!(Tail, time_update_lock)),
            (BASELINE_SYSTEM_QPC, offset_of!(Tail, baseline_system_time_qpc)),
            (BASELINE_INTERRUPT_QPC, offset_of!(Tail, baseline_interrupt_time_qpc)),
            (SYSTEM_INCREMENT, offset_of!(Tail, qpc_system_time_increment)),
            (INTERRUPT_INCREMENT, offset_of!(Tail, qpc_interrupt_time_increment)),
            (SYSTEM_SHIFT, offset_of!(Tail, qpc_system_time_increment_shift)),
            (INTERRUPT_SHIFT, offset_of!(Tail, qpc_interrupt_time_increment_shift)),
            (INTERRUPT_BIAS, offset_of!(Tail, interrupt_time_bias)),
            (QPC_BIAS, offset_of!(Tail, qpc_bias)),
            (QPC_BYPASS, offset_of!(Tail, qpc_bypass_enabled)),
            (QPC_SHIFT, offset_of!(Tail, qpc_shift)),
            (LENGTH, size_of::<Tail>()),
        ];
        for (ours, theirs) in rows {
            assert_eq!(ours, 0x300 + theirs, "{ours:#x}");
        }
    }
}
