//! The public face over certificates and tokens made at test time.
#![expect(
    clippy::disallowed_methods,
    reason = "certificates and tokens are made by the openssl command in files; the crate under test does no IO"
)]

#[cfg(test)]
mod authorities;
#[cfg(test)]
mod bounds;
#[cfg(test)]
mod paths;
#[cfg(test)]
mod pki;
#[cfg(test)]
mod policy;
#[cfg(test)]
mod purposes;
#[cfg(test)]
mod robustness;
#[cfg(test)]
mod timestamps;
