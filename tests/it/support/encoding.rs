//! Base64 and SHA-256 as package indexes, wheels and HTTP write them.

use std::fmt::Write as _;

use sha2::{Digest as _, Sha256};

/// SHA-256 as hexadecimal digits.
pub fn sha256(content: &[u8]) -> String {
    Sha256::digest(content).iter().fold(String::new(), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

/// SHA-256 as a wheel's RECORD has it: URL-safe base64 without padding.
pub fn record_hash(content: &[u8]) -> String {
    let digest = Sha256::digest(content);
    base64(&digest).replace('+', "-").replace('/', "_").trim_end_matches('=').to_owned()
}

/// Base64 with padding.
pub fn base64(content: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for chunk in content.chunks(3) {
        let bytes = [chunk[0], *chunk.get(1).unwrap_or(&0), *chunk.get(2).unwrap_or(&0)];
        let number = bytes.iter().fold(0_usize, |number, byte| number << 8 | usize::from(*byte));
        for place in 0..4 {
            let digit = char::from(DIGITS[number >> (18 - 6 * place) & 63]);
            text.push(if place <= chunk.len() { digit } else { '=' });
        }
    }
    text
}

/// The bytes that a base64 text stands for.
pub fn from_base64(text: &str) -> Vec<u8> {
    let digit = |byte: u8| match byte {
        b'A'..=b'Z' => byte - b'A',
        b'a'..=b'z' => byte - b'a' + 26,
        b'0'..=b'9' => byte - b'0' + 52,
        b'+' => 62,
        _ => 63,
    };
    let digits: Vec<u8> = text.bytes().filter(|byte| *byte != b'=').map(digit).collect();
    let bytes = digits.chunks(4).flat_map(|chunk| {
        let number = (0..4).fold(0_u32, |number, place| number << 6 | u32::from(*chunk.get(place).unwrap_or(&0)));
        number.to_be_bytes()[1..chunk.len()].to_vec()
    });
    bytes.collect()
}
