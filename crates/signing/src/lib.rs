//! The signing session: open → review → approve → prepare → sign → timestamp → embed → record → submit, and verify.
//!
//! In scope: the order of things and the ports. Out of scope: PKCS#11, HTTP, disk, windows.

pub mod ports;
