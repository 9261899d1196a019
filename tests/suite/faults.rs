//! Every port, every error, every stage: what is given back, what had been written down before, what was never called.
//!
//! In process, with stand-ins for the ports and real signatures (DOMAIN A3, D2, E4). Not its business: exit statuses (`cli`).

mod authorities;
mod outbox;
mod rows;
mod session;
mod walk;
