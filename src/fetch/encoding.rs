//! Bytes as text: Base64 for `Basic` credentials (RFC 4648, section 4) and for the digests of a wheel's `RECORD` (section
//! 5, without padding, as PEP 376 and PEP 427 have it), hexadecimal for the digests of an index. Nothing here decodes.

const STANDARD: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const URL_SAFE: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// Base64 with the standard alphabet, padded.
pub fn base64(bytes: &[u8]) -> String {
    let mut text = encode(bytes, STANDARD);
    while !text.len().is_multiple_of(4) {
        text.push('=');
    }
    text
}

/// Base64 with the alphabet that is safe in URLs and file names, not padded.
pub fn base64_url_safe(bytes: &[u8]) -> String {
    encode(bytes, URL_SAFE)
}

/// Hexadecimal, in lower case.
pub fn hex(bytes: &[u8]) -> String {
    let digit = |value: u8| char::from_digit(u32::from(value), 16);
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).flatten().collect()
}

fn encode(bytes: &[u8], alphabet: &[u8; 64]) -> String {
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let byte = |at: usize| u32::from(chunk.get(at).copied().unwrap_or(0));
        let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
        for place in 0..=chunk.len() {
            let index = (bits >> (18 - 6 * place)) & 63;
            text.push(char::from(alphabet[index as usize]));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_vectors_of_the_standard_hold() {
        for (plain, expected) in
            [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="), ("foobar", "Zm9vYmFy")]
        {
            assert_eq!(base64(plain.as_bytes()), expected);
            assert_eq!(base64_url_safe(plain.as_bytes()), expected.trim_end_matches('='));
        }
        assert_eq!((base64(&[0xfb, 0xff]), base64_url_safe(&[0xfb, 0xff])), ("+/8=".to_owned(), "-_8".to_owned()));
        assert_eq!(hex(&[0, 0x1f, 0xa0]), "001fa0");
    }
}
