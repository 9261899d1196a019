//! What the worker takes from itself before it looks at a document: core dumps, files, privileges, memory, time.
//!
//! Not its business: the deadline by the clock, which is the renderer's; the time limit here is for a worker whose renderer
//! is gone.

use std::io;

use rustix::process::{DumpableBehavior, Resource, Rlimit, set_dumpable_behavior, setrlimit};
use rustix::time::{ClockId, clock_gettime};

/// What a request may take beyond its deadline, as processor time.
const GRACE: u64 = 2;

/// What needs no number: nothing of the document may reach the disk, and no program gives this process more rights.
pub(super) fn for_good() -> io::Result<()> {
    setrlimit(Resource::Core, both(0))?;
    setrlimit(Resource::Fsize, both(0))?;
    set_dumpable_behavior(DumpableBehavior::NotDumpable)?;
    rustix::thread::set_no_new_privs(true)?;
    Ok(())
}

/// The limit for all memory, the map of the document within it.
pub(super) fn memory(octets: u64) -> io::Result<()> {
    Ok(setrlimit(Resource::As, both(octets))?)
}

/// The limit for the processor time of the next request, counted from what is used already.
pub(super) fn processor(seconds: u64) -> io::Result<()> {
    let used = u64::try_from(clock_gettime(ClockId::ProcessCPUTime).tv_sec).unwrap_or(0);
    let limit = Rlimit {
        current: Some(used.saturating_add(seconds).saturating_add(GRACE)),
        // It is raised again for the next request.
        maximum: None,
    };
    Ok(setrlimit(Resource::Cpu, limit)?)
}

fn both(limit: u64) -> Rlimit {
    Rlimit {
        current: Some(limit),
        maximum: Some(limit),
    }
}
