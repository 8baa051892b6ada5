//! Headers as one column: length-prefixed names and values.

use bytes::Bytes;

/// Packs headers: for each its name's length (u16), name, value's length (u32), value.
pub(super) fn pack_headers(headers: &[(String, Bytes)]) -> Vec<u8> {
    let mut packed = Vec::new();
    for (name, value) in headers {
        let (Ok(name_len), Ok(value_len)) = (u16::try_from(name.len()), u32::try_from(value.len()))
        else {
            continue;
        };
        packed.extend_from_slice(&name_len.to_le_bytes());
        packed.extend_from_slice(name.as_bytes());
        packed.extend_from_slice(&value_len.to_le_bytes());
        packed.extend_from_slice(value);
    }
    packed
}

/// Unpacks headers; what cannot be read yields none, and the record is then undecodable.
pub(super) fn unpack_headers(mut packed: &[u8]) -> Vec<(String, Bytes)> {
    let mut headers = Vec::new();
    while !packed.is_empty() {
        let Some((name, value, rest)) = next_header(packed) else { return Vec::new() };
        headers.push((name, value));
        packed = rest;
    }
    headers
}

fn next_header(packed: &[u8]) -> Option<(String, Bytes, &[u8])> {
    let (name_len, rest) = packed.split_first_chunk::<2>()?;
    let (name, rest) = rest.split_at_checked(u16::from_le_bytes(*name_len).into())?;
    let (value_len, rest) = rest.split_first_chunk::<4>()?;
    let value_len = usize::try_from(u32::from_le_bytes(*value_len)).ok()?;
    let (value, rest) = rest.split_at_checked(value_len)?;
    Some((String::from_utf8(name.to_vec()).ok()?, Bytes::copy_from_slice(value), rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_survive_the_column() {
        let headers = vec![
            ("lf-kind".to_owned(), Bytes::from_static(b"ask")),
            (String::new(), Bytes::new()),
            ("x".to_owned(), Bytes::from(vec![0xff; 300])),
        ];
        assert_eq!(unpack_headers(&pack_headers(&headers)), headers);
        assert!(unpack_headers(&[]).is_empty());
    }

    #[test]
    fn a_damaged_column_yields_no_headers() {
        let packed = pack_headers(&[("lf-kind".to_owned(), Bytes::from_static(b"ask"))]);
        for end in 1..packed.len() {
            assert!(unpack_headers(&packed[..end]).is_empty(), "cut at {end}");
        }
    }
}
