//! Why a value is not acceptable evidence.

/// Why a record, an entry or a chain of entries was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[expect(missing_docs, reason = "the fields are the values that the message compares")]
#[non_exhaustive]
pub enum EvidenceError {
    /// A hash chain does not hold.
    #[error("chain broken at entry {position}: {fault}")]
    Broken { position: u64, fault: ChainFault },
    /// The octets are not the canonical form of what they say (RFC 8785).
    #[error("not in canonical form, first difference at octet {offset}")]
    NotCanonical { offset: usize },
    /// An integer that RFC 8785 cannot carry without rounding.
    #[error("integer {value} at {key} is not below 2^53")]
    IntegerTooLarge { key: String, value: String },
    /// A JSON value other than object, array, string, boolean and integer.
    #[error("{kind} is not allowed at {key}")]
    Kind { key: String, kind: &'static str },
    /// Not JSON of the schema: unknown, missing or repeated keys, wrong types, broken text.
    #[error("malformed at line {line} column {column}: {reason}")]
    Malformed { line: usize, column: usize, reason: String },
    /// Another schema.
    #[error("schema {found}, expected {expected}")]
    Schema { expected: &'static str, found: String },
    /// More octets than are read.
    #[error("{size} octets, at most {limit}")]
    TooLarge { size: usize, limit: usize },
    /// A value that its field cannot have.
    #[error("{field} is not acceptable: {rule}")]
    Value { field: &'static str, rule: &'static str },
}

/// How a hash chain is broken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[expect(missing_docs, reason = "the fields are the values that the message compares")]
#[non_exhaustive]
pub enum ChainFault {
    /// The position does not follow the one before: something is missing, repeated or out of order.
    #[error("numbered {found}, expected {expected}")]
    Position { expected: u64, found: u64 },
    /// The hash is not the one of this entry behind the one before.
    #[error("hash is {}, computed {}", hex::encode(found), hex::encode(expected))]
    Hash { expected: [u8; 32], found: [u8; 32] },
    /// The chain ends before, or beside, a head that is known from elsewhere.
    #[error("ends with {count} entries, {known} are known")]
    Short { known: u64, count: u64 },
}
