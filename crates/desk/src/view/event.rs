//! What happened without being asked. A closed list.

use serde::{Deserialize, Serialize};
use specta::Type;

use super::{FaultShown, StageName};

/// One event.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type)]
#[serde(tag = "event", rename_all = "kebab-case")]
pub enum DeskEvent {
    /// Something about a contract changed; ask again for what is shown of it. `None`: anything.
    Changed {
        /// Which.
        contract: Option<String>,
    },
    /// Long work goes on.
    Progress {
        /// Which contract; empty for work on files that are not on the desk.
        contract: String,
        /// What is being done: `copy`, `review`, or a stage.
        what: String,
        /// 0 to 1, when it is known.
        fraction: Option<f32>,
    },
    /// A stage was reached.
    Stage {
        /// Which contract.
        contract: String,
        /// Which stage.
        stage: StageName,
    },
    /// Something failed that nobody waits for.
    Fault {
        /// Which contract, if it is about one.
        contract: Option<String>,
        /// What.
        fault: FaultShown,
    },
    /// Tokens came or went, or the state of a PIN changed.
    Tokens,
    /// Show this contract: it was dropped, opened from the file manager, or a notification was clicked.
    Open {
        /// Which.
        contract: String,
    },
    /// A file was dropped or opened for verification; the report waits under this id.
    Verify {
        /// Id for `verify_shown`.
        report: String,
    },
    /// A file is being dragged over the window.
    Dragging {
        /// It is over the window.
        over: bool,
        /// Files among them that can be taken.
        files: u32,
    },
}
