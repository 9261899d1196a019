//! What the worker takes from itself before it looks at a document: core dumps, files, privileges, system calls, memory,
//! time.
//!
//! Not its business: the deadline by the clock, which is the renderer's; the time limit here is for a worker whose renderer
//! is gone.

use std::io;

use rustix::io::Errno;
use rustix::process::{DumpableBehavior, Resource, Rlimit, set_dumpable_behavior, setrlimit};
use rustix::time::{ClockId, clock_gettime};
use seccompiler::{BpfProgram, SeccompAction, SeccompFilter, TargetArch, apply_filter_all_threads};

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

/// Leaves the system calls that reading, drawing and answering need; every other one fails from now on, so that nothing can
/// be opened, started, connected to or sent anywhere but through the channel. False where the kernel does not offer it.
pub(super) fn system_calls() -> bool {
    let filter = || {
        SeccompFilter::new(
            CALLS.iter().map(|call| (*call, Vec::new())).collect(),
            SeccompAction::Errno(Errno::PERM.raw_os_error().unsigned_abs()),
            SeccompAction::Allow,
            TargetArch::try_from(std::env::consts::ARCH)?,
        )
        .and_then(BpfProgram::try_from)
    };
    filter().is_ok_and(|filter| apply_filter_all_threads(&filter).is_ok())
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

/// Memory, the channel, the size of a file that is open already, threads that wait for each other, an end of any kind.
const CALLS: &[i64] = &[
    libc::SYS_brk,
    libc::SYS_clock_gettime,
    libc::SYS_close,
    libc::SYS_exit,
    libc::SYS_exit_group,
    libc::SYS_fstat,
    libc::SYS_futex,
    libc::SYS_getpid,
    libc::SYS_getrandom,
    libc::SYS_gettid,
    libc::SYS_madvise,
    libc::SYS_mmap,
    libc::SYS_mprotect,
    libc::SYS_mremap,
    libc::SYS_munmap,
    libc::SYS_prlimit64,
    libc::SYS_read,
    libc::SYS_recvfrom,
    libc::SYS_restart_syscall,
    libc::SYS_rt_sigaction,
    libc::SYS_rt_sigprocmask,
    libc::SYS_rt_sigreturn,
    libc::SYS_sched_yield,
    libc::SYS_sendto,
    libc::SYS_sigaltstack,
    libc::SYS_statx,
    libc::SYS_tgkill,
    libc::SYS_write,
    libc::SYS_writev,
];

fn both(limit: u64) -> Rlimit {
    Rlimit {
        current: Some(limit),
        maximum: Some(limit),
    }
}
