//! Finding paths: from a certificate upwards by issuer name, key identifiers and signature, to an anchor.
//!
//! Not its business: whether a found path is good (`judge`). RFC 4158 is the background; certval's own builder hides why
//! a path was not found, so this one is ours. Work is bounded by `Limits`, whatever is in the pool.

use std::collections::HashMap;
use std::ops::ControlFlow;

use super::finding::PathFinding;
use super::material::Material;

/// Bounds of one search.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Limits {
    /// Certificates on a path, leaf and anchor included.
    pub(crate) depth: usize,
    /// Complete paths that are judged.
    pub(crate) paths: usize,
    /// Signature verifications, each pair of certificates at most once.
    pub(crate) signatures: usize,
    /// Certificates visited, again and again on different paths.
    pub(crate) steps: usize,
    /// Certificates of the pool that are looked at.
    pub(crate) pool: usize,
}

pub(crate) const LIMITS: Limits = Limits {
    depth: 8,
    paths: 64,
    signatures: 256,
    steps: 2048,
    pool: 4096,
};

/// Where a search ended without a path.
pub(crate) struct DeadEnd {
    /// Certificates from the leaf to where it ended.
    pub(crate) length: usize,
    /// Why.
    pub(crate) finding: PathFinding,
}

pub(crate) struct Search<'a> {
    /// The leaf, then the anchors, then the pool.
    nodes: Vec<&'a Material>,
    /// Nodes below this index, except the leaf, are anchors.
    anchors_end: usize,
    issuers: HashMap<usize, Vec<usize>>,
    verified: HashMap<(usize, usize), bool>,
    limits: Limits,
    paths: usize,
    signatures: usize,
    steps: usize,
    deepest: usize,
    /// The dead end that came furthest; a broken signature counts further than a missing issuer.
    dead_end: Option<DeadEnd>,
    exhausted: bool,
}

impl<'a> Search<'a> {
    pub(crate) fn new(leaf: &'a Material, anchors: &'a [Material], pool: &'a [Material], limits: Limits) -> Self {
        let mut nodes = Vec::with_capacity(1 + anchors.len() + pool.len());
        nodes.push(leaf);
        nodes.extend(anchors);
        nodes.extend(pool);
        Self {
            nodes,
            anchors_end: 1 + anchors.len(),
            issuers: HashMap::new(),
            verified: HashMap::new(),
            limits,
            paths: 0,
            signatures: 0,
            steps: 0,
            deepest: 0,
            dead_end: None,
            exhausted: false,
        }
    }

    /// Hands every path that reaches an anchor, leaf first, to `judge`, until it says stop or the limits are reached.
    pub(crate) fn run(&mut self, judge: &mut dyn FnMut(&[&'a Material]) -> ControlFlow<()>) {
        // Both ways to end are the same to the caller, who knows what `judge` has seen.
        let _ended: ControlFlow<()> = self.extend(&mut vec![0], judge);
    }

    pub(crate) fn dead_end(&mut self) -> Option<DeadEnd> {
        self.dead_end.take()
    }

    /// That the limits cut the search short.
    pub(crate) fn exhausted(&self) -> Option<PathFinding> {
        self.exhausted.then_some(PathFinding::BudgetExhausted {
            depth: self.deepest,
            paths: self.paths,
            signatures: self.signatures,
            steps: self.steps,
        })
    }

    fn extend(
        &mut self,
        path: &mut Vec<usize>,
        judge: &mut dyn FnMut(&[&'a Material]) -> ControlFlow<()>,
    ) -> ControlFlow<()> {
        let Some(&current) = path.last() else {
            return ControlFlow::Continue(());
        };
        self.steps += 1;
        if self.steps > self.limits.steps {
            return self.exhaust();
        }
        let mut issuer_seen = false;
        for issuer in self.issuers_of(current) {
            if self.repeats(path, issuer) {
                issuer_seen = true;
                continue;
            }
            if !self.verifies(current, issuer)? {
                // A self-signed certificate beside an anchor of the same name is another root, not a broken one.
                let own_root = self.is_self_issued(current) && self.verifies(current, current)?;
                if !own_root && self.claims(current, issuer) {
                    issuer_seen = true;
                    self.note_broken_signature(path, current, issuer);
                }
                continue;
            }
            issuer_seen = true;
            path.push(issuer);
            self.deepest = self.deepest.max(path.len());
            let flow = if issuer < self.anchors_end {
                self.complete(path, judge)
            } else if path.len() < self.limits.depth {
                self.extend(path, judge)
            } else {
                self.exhausted = true;
                ControlFlow::Continue(())
            };
            path.pop();
            flow?;
        }
        if !issuer_seen {
            self.note_missing_issuer(path, current);
        }
        ControlFlow::Continue(())
    }

    fn complete(
        &mut self,
        path: &[usize],
        judge: &mut dyn FnMut(&[&'a Material]) -> ControlFlow<()>,
    ) -> ControlFlow<()> {
        if self.paths >= self.limits.paths {
            return self.exhaust();
        }
        self.paths += 1;
        let certificates: Vec<&'a Material> = path
            .iter()
            .filter_map(|&index| self.nodes.get(index).copied())
            .collect();
        judge(&certificates)
    }

    fn exhaust(&mut self) -> ControlFlow<()> {
        self.exhausted = true;
        ControlFlow::Break(())
    }

    /// Certificates whose subject is this one's issuer: best fitting key identifier first, anchors before others.
    fn issuers_of(&mut self, child: usize) -> Vec<usize> {
        if let Some(known) = self.issuers.get(&child) {
            return known.clone();
        }
        let Some(certificate) = self.nodes.get(child) else {
            return Vec::new();
        };
        let mut found: Vec<(u8, usize)> = self
            .nodes
            .iter()
            .enumerate()
            // The leaf issues nothing on its own path.
            .skip(1)
            .filter(|(index, issuer)| *index != child && certificate.names_as_issuer(issuer))
            .map(|(index, issuer)| (certificate.key_identifier_distance(issuer), index))
            .collect();
        found.sort_unstable();
        let found: Vec<usize> = found.into_iter().map(|(_, index)| index).collect();
        self.issuers.insert(child, found.clone());
        found
    }

    /// The same name with the same key is the same CA, even in another certificate: a path through it again is a loop.
    fn repeats(&self, path: &[usize], issuer: usize) -> bool {
        let Some(issuer) = self.nodes.get(issuer) else {
            return true;
        };
        path.iter()
            .filter_map(|&index| self.nodes.get(index))
            .any(|certificate| certificate.is_same_entity(issuer))
    }

    fn verifies(&mut self, child: usize, issuer: usize) -> ControlFlow<(), bool> {
        if let Some(&known) = self.verified.get(&(child, issuer)) {
            return ControlFlow::Continue(known);
        }
        if self.signatures >= self.limits.signatures {
            self.exhausted = true;
            return ControlFlow::Break(());
        }
        self.signatures += 1;
        let verifies = match (self.nodes.get(child), self.nodes.get(issuer)) {
            (Some(child), Some(issuer)) => child.is_signed_by(issuer),
            _ => false,
        };
        self.verified.insert((child, issuer), verifies);
        ControlFlow::Continue(verifies)
    }

    fn is_self_issued(&self, index: usize) -> bool {
        self.nodes
            .get(index)
            .is_some_and(|certificate| certificate.certificate.is_self_issued())
    }

    /// Names this very key as its issuer's, so that a signature that does not verify is broken and not just another CA's.
    fn claims(&self, child: usize, issuer: usize) -> bool {
        match (self.nodes.get(child), self.nodes.get(issuer)) {
            (Some(child), Some(issuer)) => child.key_identifier_distance(issuer) < 2,
            _ => false,
        }
    }

    fn note_broken_signature(&mut self, path: &[usize], child: usize, issuer: usize) {
        let (Some(certificate), Some(issuer)) = (self.nodes.get(child), self.nodes.get(issuer)) else {
            return;
        };
        let position = path.len() - 1;
        let finding = match certificate.signature_algorithm() {
            Ok(_) => PathFinding::SignatureInvalid {
                certificate: certificate.id(position),
                issuer: issuer.id(position + 1),
            },
            Err(algorithm) => PathFinding::AlgorithmUnknown {
                certificate: certificate.id(position),
                algorithm,
            },
        };
        self.note(DeadEnd {
            length: path.len() + 1,
            finding,
        });
    }

    fn note_missing_issuer(&mut self, path: &[usize], child: usize) {
        let Some(certificate) = self.nodes.get(child) else {
            return;
        };
        let finding = PathFinding::IssuerUnknown {
            certificate: certificate.id(path.len() - 1),
            issuer: certificate.certificate.issuer(),
        };
        self.note(DeadEnd {
            length: path.len(),
            finding,
        });
    }

    fn note(&mut self, dead_end: DeadEnd) {
        if self
            .dead_end
            .as_ref()
            .is_none_or(|known| known.length < dead_end.length)
        {
            self.dead_end = Some(dead_end);
        }
    }
}
