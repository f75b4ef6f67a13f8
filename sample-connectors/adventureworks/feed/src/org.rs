//! Who is whose manager: the tree of `Employee.org_node`, a SQL Server `hierarchyid` in hexadecimal.
//!
//! A `hierarchyid` is a row of labels, each a prefix code that orders as its number does, filled up
//! with zero bits; blank is the root. The codes are those that SQL Server documents in MS-SSCLRT
//! 2.2.3.2, as far as labels from 0 to 1,103 that no insertion has split.

/// What is fixed, what belongs to the number (`x`), and the bit that ends an unsplit label (`T`);
/// then the number that the lowest of its codes stands for.
const CODES: [(&str, u32); 5] = [("01xxT", 0), ("100xxT", 4), ("101xxxT", 8), ("110xx0x1xxxT", 16), ("1110xxx0xxx0x1xxxT", 80)];

/// The labels from the root down, or `None` for what is not such a row of labels.
pub fn labels(hex: &str) -> Option<Vec<u32>> {
    let mut bits = Vec::with_capacity(hex.len() * 4);
    for digit in hex.chars() {
        let digit = digit.to_digit(16)?;
        bits.extend([8, 4, 2, 1].map(|bit| digit & bit != 0));
    }
    let mut labels = Vec::new();
    let mut rest = bits.as_slice();
    while rest.contains(&true) {
        let (label, width) = CODES.iter().find_map(|(code, lowest)| Some((read(code, rest)? + lowest, code.len())))?;
        labels.push(label);
        rest = rest.get(width..)?;
    }
    (rest.len() < 8).then_some(labels)
}

/// The number that the bits spell in a code, if they are of that code.
fn read(code: &str, bits: &[bool]) -> Option<u32> {
    let bits = bits.get(..code.len())?;
    let mut number = 0;
    for (rule, bit) in code.bytes().zip(bits) {
        match rule {
            b'x' => number = number * 2 + u32::from(*bit),
            b'0' if *bit => return None,
            b'1' | b'T' if !*bit => return None,
            _ => {}
        }
    }
    Some(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_node_is_its_labels() {
        assert_eq!(labels(""), Some(vec![]));
        assert_eq!(labels("58"), Some(vec![1]));
        assert_eq!(labels("5AC0"), Some(vec![1, 1]));
        assert_eq!(labels("5AE158"), Some(vec![1, 1, 4, 1]));
        // /1/16/: 01011 then 110 00 0 0 1 000 1.
        assert_eq!(labels("5E0880"), Some(vec![1, 16]));
    }

    #[test]
    fn what_is_no_node_is_refused() {
        for hex in ["5G", "50", "FF", "5800"] {
            assert_eq!(labels(hex), None, "{hex}");
        }
    }
}
