//! A DER tree that can be edited and written again, as a forger would.
//!
//! Not its business: what the elements mean.

/// One element.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Node {
    /// The identifier octet.
    pub tag: u8,
    /// The elements inside, of a constructed one.
    pub nodes: Vec<Self>,
    /// The content octets, of a primitive one.
    pub octets: Vec<u8>,
}

impl Node {
    /// The first element of the octets, and what follows it.
    ///
    /// # Panics
    /// When there is none: only sound messages are taken apart.
    #[must_use]
    pub fn read(octets: &[u8]) -> (Self, &[u8]) {
        let tag = octets[0];
        let (length, head) = match octets[1] {
            short @ 0..0x80 => (usize::from(short), 2),
            long => {
                let count = usize::from(long & 0x7f);
                (
                    octets[2..2 + count]
                        .iter()
                        .fold(0, |sum, octet| sum << 8 | usize::from(*octet)),
                    2 + count,
                )
            }
        };
        let (content, rest) = octets[head..].split_at(length);
        let mut node = Self {
            tag,
            nodes: Vec::new(),
            octets: Vec::new(),
        };
        if tag & 0x20 == 0 {
            node.octets = content.to_vec();
        } else {
            let mut inside = content;
            while !inside.is_empty() {
                let (one, after) = Self::read(inside);
                node.nodes.push(one);
                inside = after;
            }
        }
        (node, rest)
    }

    /// A primitive element.
    #[must_use]
    pub fn leaf(tag: u8, octets: impl Into<Vec<u8>>) -> Self {
        Self {
            tag,
            nodes: Vec::new(),
            octets: octets.into(),
        }
    }

    /// A constructed element.
    #[must_use]
    pub fn branch(tag: u8, nodes: Vec<Self>) -> Self {
        Self {
            tag,
            nodes,
            octets: Vec::new(),
        }
    }

    /// The octets again.
    #[must_use]
    pub fn der(&self) -> Vec<u8> {
        let inside: Vec<u8> = self.nodes.iter().flat_map(Self::der).collect();
        let content = if self.tag & 0x20 == 0 { &self.octets } else { &inside };
        let mut der = vec![self.tag];
        match u8::try_from(content.len()) {
            Ok(short) if short < 0x80 => der.push(short),
            _ => {
                let digits: Vec<u8> = content
                    .len()
                    .to_be_bytes()
                    .into_iter()
                    .skip_while(|digit| *digit == 0)
                    .collect();
                der.push(0x80 | u8::try_from(digits.len()).expect("eight at most"));
                der.extend(digits);
            }
        }
        der.extend(content);
        der
    }

    /// The element at this path.
    ///
    /// # Panics
    /// When there is none.
    pub fn at(&mut self, path: &[usize]) -> &mut Self {
        path.iter().fold(self, |node, place| &mut node.nodes[*place])
    }

    /// Where the element at this path stands in the octets of this one.
    ///
    /// # Panics
    /// When there is none.
    #[must_use]
    pub fn place(&self, path: &[usize]) -> std::ops::Range<usize> {
        let Some((first, rest)) = path.split_first() else {
            return 0..self.der().len();
        };
        let inside: usize = self.nodes.iter().map(|node| node.der().len()).sum();
        let before: usize = self.nodes[..*first].iter().map(|node| node.der().len()).sum();
        let start = self.der().len() - inside + before;
        let range = self.nodes[*first].place(rest);
        start + range.start..start + range.end
    }

    /// The way to the primitive element around this octet.
    #[must_use]
    pub fn way(&self, octet: usize) -> Vec<usize> {
        let inside = (0..self.nodes.len()).find(|place| self.place(&[*place]).contains(&octet));
        let Some(place) = inside else { return Vec::new() };
        let rest = self.nodes[place].way(octet - self.place(&[place]).start);
        [vec![place], rest].concat()
    }
}
