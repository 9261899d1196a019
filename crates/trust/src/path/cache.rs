//! Verdicts kept for a batch: many signatures by one certificate, one search.
//!
//! A good path stays good for every time at which all its certificates are valid, for the same usage and anchors; the
//! pool only helps to find it. Failures are not kept. Not its business: lifetime, the caller holds the value.

use super::{PathFailure, PathRequest, VerifiedPath, verify_path};
use crate::policy::Policy;

/// Good paths found earlier.
#[derive(Debug, Clone, Default)]
pub struct PathCache {
    /// With the fingerprint of the anchors that they end at, and the policy that they were judged by.
    paths: Vec<([u8; 32], Policy, VerifiedPath)>,
}

impl PathCache {
    /// As `verify_path`, searching only where no path found earlier answers.
    ///
    /// # Errors
    /// As `verify_path`.
    pub fn verify_path(&mut self, request: &PathRequest<'_>) -> Result<VerifiedPath, PathFailure> {
        let anchors = request.anchors.fingerprint();
        let known = self.paths.iter().find(|(fingerprint, policy, path)| {
            *fingerprint == anchors
                && policy == request.policy
                && path.usage == request.usage
                && (path.window.0..=path.window.1).contains(&request.at)
                && path.certificates.first().map(Vec::as_slice) == Some(request.certificate)
        });
        if let Some((_, _, path)) = known {
            let mut path = path.clone();
            path.at = request.at;
            return Ok(path);
        }
        let path = verify_path(request)?;
        if self.paths.len() < CAPACITY {
            self.paths.push((anchors, request.policy.clone(), path.clone()));
        }
        Ok(path)
    }
}

/// Enough for the signers of a batch; beyond it paths are searched again.
const CAPACITY: usize = 64;
