//! The command line as INTERFACE describes it: names, options, defaults. No behaviour.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

/// 会签 Countersign: review, sign, time-stamp, record and submit contracts; verify all of it later.
#[derive(Debug, Parser)]
#[command(
    name = "countersign",
    version,
    about,
    max_term_width = 110,
    disable_help_subcommand = true
)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) global: Global,
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Args)]
pub(crate) struct Global {
    /// One JSON document on stdout; progress and prose on stderr
    #[arg(long, global = true)]
    pub(crate) json: bool,
    /// Folder of configuration, store and practice material
    #[arg(long, global = true, env = "COUNTERSIGN_HOME", value_name = "DIR")]
    pub(crate) home: Option<PathBuf>,
    /// Configuration file instead of the home's
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// Language of the prose
    #[arg(long, global = true, value_enum)]
    pub(crate) lang: Option<Lang>,
    /// More about what happens, on stderr; never secrets
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
    pub(crate) verbose: u8,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Lang {
    #[value(name = "zh-CN")]
    ZhCn,
    #[value(name = "en")]
    En,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// The whole flow with practice means; prints each stage and leaves the files
    Demo(DemoArgs),
    /// Probe modules, tokens, clock, time-stamping authorities and endpoints; say what to do
    Doctor,
    /// Modules, slots, tokens, credentials
    #[command(subcommand)]
    Token(TokenCommand),
    /// What a reviewer must know of a file; no network
    Inspect { file: PathBuf },
    /// Review, approve, sign, stamp, embed, record, submit
    Sign(Box<SignArgs>),
    /// Judge every signature in a file
    Verify(VerifyArgs),
    /// Add a timestamp to a signature that nobody has signed after
    Extend(ExtendArgs),
    /// Evidence records
    #[command(subcommand)]
    Evidence(EvidenceCommand),
    /// Submissions that wait
    #[command(subcommand)]
    Outbox(OutboxCommand),
    /// The local evidence journal (this workstation only, not a chain)
    #[command(subcommand)]
    Journal(JournalCommand),
    /// Configuration
    #[command(subcommand)]
    Config(ConfigCommand),
}

#[derive(Debug, Args)]
pub(crate) struct DemoArgs {
    /// Where the files are left
    #[arg(long, default_value = "countersign-demo")]
    pub(crate) dir: PathBuf,
    /// Where the evidence goes
    #[arg(long, value_enum)]
    pub(crate) chain: Option<DemoChain>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum DemoChain {
    Journal,
    Evm,
}

#[derive(Debug, Subcommand)]
pub(crate) enum TokenCommand {
    /// List them
    List,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum LevelArg {
    #[value(name = "B-B")]
    BB,
    #[value(name = "B-T")]
    BT,
    #[value(name = "B-LT")]
    BLt,
    #[value(name = "B-LTA")]
    BLta,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum DigestArg {
    Sha256,
    Sha384,
    Sha512,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum SchemeArg {
    Pkcs1,
    Pss,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum PayloadArg {
    Full,
    Digests,
    Commit,
}

#[derive(Debug, Args)]
pub(crate) struct SignArgs {
    /// Contracts to sign
    #[arg(required = true, value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,
    /// Signed file (one input)
    #[arg(
        short,
        long,
        value_name = "OUT",
        required_unless_present = "out_dir",
        conflicts_with = "out_dir"
    )]
    pub(crate) output: Option<PathBuf>,
    /// Folder for signed files
    #[arg(long, value_name = "DIR")]
    pub(crate) out_dir: Option<PathBuf>,
    /// Credential as RFC 7512 URI
    #[arg(long, value_name = "URI")]
    pub(crate) credential: String,
    /// Certificate (PEM or DER) for a key that has none on the token
    #[arg(long, value_name = "FILE")]
    pub(crate) certificate: Option<PathBuf>,
    /// PAdES level
    #[arg(long, value_enum)]
    pub(crate) level: Option<LevelArg>,
    /// Time-stamping authority; may be repeated, tried in order
    #[arg(long, value_name = "URL")]
    pub(crate) tsa: Vec<String>,
    /// Signature field by name: an existing empty one, or a new one
    #[arg(long, value_name = "NAME")]
    pub(crate) field: Option<String>,
    /// Certify: 1 no changes, 2 form filling and signing, 3 also annotations
    #[arg(long, value_parser = clap::value_parser!(u8).range(1..=3))]
    pub(crate) certify: Option<u8>,
    /// Lock fields with this signature: all | include:A,B | exclude:A,B
    #[arg(long, value_name = "WHICH")]
    pub(crate) lock: Option<String>,
    /// Visible field: page from 1, lower left corner and size in points
    #[arg(long, value_name = "PAGE,X,Y,W,H")]
    pub(crate) visible: Option<String>,
    /// Picture for a visible field
    #[arg(long, value_name = "PNG", requires = "visible")]
    pub(crate) image: Option<PathBuf>,
    /// Reason, shown by readers
    #[arg(long)]
    pub(crate) reason: Option<String>,
    /// Place, shown by readers
    #[arg(long)]
    pub(crate) location: Option<String>,
    /// Trust anchors
    #[arg(long, value_name = "PEM_OR_DIR")]
    pub(crate) trust: Vec<PathBuf>,
    /// More certificates of the chain, put into the signature
    #[arg(long, value_name = "PEM_OR_DIR")]
    pub(crate) chain: Vec<PathBuf>,
    /// Endpoint that the evidence is submitted to, by its name in the configuration
    #[arg(long, value_name = "NAME", conflicts_with = "no_submit")]
    pub(crate) endpoint: Option<String>,
    /// Record, but submit nothing
    #[arg(long)]
    pub(crate) no_submit: bool,
    /// No network at all: stamp and submission wait
    #[arg(long)]
    pub(crate) offline: bool,
    /// Where the PIN comes from: prompt | stdin | file:PATH (mode 0600)
    #[arg(long, value_name = "SOURCE", default_value = "prompt")]
    pub(crate) pin_from: String,
    /// Approve without asking
    #[arg(long)]
    pub(crate) yes: bool,
    /// Spend the token's last try before it locks
    #[arg(long)]
    pub(crate) accept_final_try: bool,
    /// Send a PIN although an earlier one was wrong
    #[arg(long)]
    pub(crate) accept_low_count: bool,
    /// Digest; by the key when absent
    #[arg(long, value_enum)]
    pub(crate) digest: Option<DigestArg>,
    /// RSA scheme; what the token prefers when absent
    #[arg(long, value_enum)]
    pub(crate) scheme: Option<SchemeArg>,
    /// SHA-256 of the file as it was reviewed; another file is refused
    #[arg(long, value_name = "HEX")]
    pub(crate) reviewed: Option<String>,
    /// Accept a blocking finding by its code; may be repeated
    #[arg(long, value_name = "CODE")]
    pub(crate) accept_finding: Vec<String>,
    /// How much of the record the endpoint receives
    #[arg(long, value_enum)]
    pub(crate) payload: Option<PayloadArg>,
    /// Business number for the record (opaque)
    #[arg(long, value_name = "NO", default_value = "")]
    pub(crate) business_no: String,
    /// Flow id for the record (opaque)
    #[arg(long, value_name = "ID", default_value = "")]
    pub(crate) flow_id: String,
    /// Which party of how many, e.g. 1/2
    #[arg(long, value_name = "I/N")]
    pub(crate) party: Option<String>,
    /// Evidence (hex) of the record before this one
    #[arg(long, value_name = "HEX", default_value = "")]
    pub(crate) prev: String,
    /// Replace an existing output
    #[arg(long)]
    pub(crate) overwrite: bool,
    /// Seconds to wait for the endpoint to be final
    #[arg(long, value_name = "SECONDS", default_value_t = 20)]
    pub(crate) wait: u64,
}

#[derive(Debug, Args)]
pub(crate) struct VerifyArgs {
    pub(crate) file: PathBuf,
    /// Trust anchors, for signers and time-stamping authorities
    #[arg(long, value_name = "PEM_OR_DIR")]
    pub(crate) trust: Vec<PathBuf>,
    /// Judge at this time instead of now
    #[arg(long, value_name = "RFC3339")]
    pub(crate) at: Option<String>,
    /// Evidence bundle
    #[arg(long, value_name = "BUNDLE")]
    pub(crate) bundle: Option<PathBuf>,
    /// Ask endpoints over the network
    #[arg(long)]
    pub(crate) online: bool,
    /// Ask this endpoint
    #[arg(long, value_name = "NAME")]
    pub(crate) endpoint: Option<String>,
    /// Write a report
    #[arg(long, value_name = "OUT")]
    pub(crate) report: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct ExtendArgs {
    pub(crate) file: PathBuf,
    #[arg(short, long, value_name = "OUT")]
    pub(crate) output: PathBuf,
    #[arg(long, value_enum)]
    pub(crate) level: LevelArg,
    /// Time-stamping authority; may be repeated, tried in order
    #[arg(long, value_name = "URL")]
    pub(crate) tsa: Vec<String>,
    /// Trust anchors
    #[arg(long, value_name = "PEM_OR_DIR")]
    pub(crate) trust: Vec<PathBuf>,
    /// Replace an existing output
    #[arg(long)]
    pub(crate) overwrite: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum EvidenceCommand {
    /// Show a record
    Show { record: String },
    /// Write a bundle
    Export {
        record: String,
        #[arg(short, long)]
        output: PathBuf,
    },
    /// Check a bundle
    Verify { bundle: PathBuf },
    /// Submit a record
    Submit {
        record: String,
        #[arg(long)]
        endpoint: String,
        #[arg(long, value_name = "SOURCE", default_value = "prompt")]
        pin_from: String,
        #[arg(long, default_value_t = 20)]
        wait: u64,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum OutboxCommand {
    /// List what waits and what is done
    List,
    /// Go on with everything that waits: stamps, unfinished files, submissions
    Run {
        #[arg(long, value_name = "SOURCE", default_value = "prompt")]
        pin_from: String,
        #[arg(long, default_value_t = 20)]
        wait: u64,
    },
    /// Try a blocked row again
    Retry { id: String },
    /// Show a row
    Show { id: String },
}

#[derive(Debug, Subcommand)]
pub(crate) enum JournalCommand {
    /// Show the entries
    Show,
    /// Check the hash chain
    Verify,
}

#[derive(Debug, Subcommand)]
pub(crate) enum ConfigCommand {
    /// Where it is
    Path,
    /// What is in force
    Show,
    /// Whether it is usable
    Check,
}
