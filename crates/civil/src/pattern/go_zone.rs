//! Which letters of a text Go takes for the abbreviation of a time zone.

/// Returns how many bytes the abbreviation at the start has, or 0. It is three or four
/// capitals, or five with a T at the end; of four, the last is a T too, but for
/// WITA. `ChST` and `MeST` are known by name, `GMT` may have hours after it, and a zone
/// without a name is its hours.
pub(super) fn length(text: &[u8]) -> usize {
    if text.len() < 3 {
        return 0;
    }
    if text.starts_with(b"UTC") {
        return 3;
    }
    if text.starts_with(b"ChST") || text.starts_with(b"MeST") {
        return 4;
    }
    if text.starts_with(b"GMT") {
        return 3 + signed_hours(&text[3..]);
    }
    if matches!(text.first(), Some(b'+' | b'-')) {
        return signed_hours(text);
    }
    let capitals = text.iter().take(6).take_while(|byte| byte.is_ascii_uppercase()).count();
    match capitals {
        5 if text[4] == b'T' => 5,
        4 if text[3] == b'T' || text.starts_with(b"WITA") => 4,
        3 => 3,
        _ => 0,
    }
}

/// A sign and hours within ±23.
fn signed_hours(text: &[u8]) -> usize {
    if !matches!(text.first(), Some(b'+' | b'-')) {
        return 0;
    }
    let digits = text[1..].iter().take_while(|byte| byte.is_ascii_digit()).count();
    let hours = text[1..1 + digits]
        .iter()
        .fold(0u32, |hours, digit| (hours * 10 + u32::from(digit - b'0')).min(99));
    if digits == 0 || hours > 23 { 0 } else { 1 + digits }
}
