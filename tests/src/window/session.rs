//! A desktop session: notifications and a file manager on a bus of its own, and the programs that it has for files. What
//! they are asked to do is written down.

use std::{
    fs,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    process::Command,
};

use super::{
    app::Start,
    bus::{ADDRESS, Bus},
    page::SOON,
    process::{Group, signal},
    program, until,
};

/// The session.
#[derive(Debug)]
pub struct Session {
    bus: Bus,
    services: Option<Group>,
    calls: PathBuf,
    opened: PathBuf,
}

impl Session {
    /// Starts it; programs for PDF files and folders are written into this home. `None`, said loudly, when the services
    /// cannot be made here.
    ///
    /// # Panics
    /// When it does not come up.
    #[must_use]
    pub fn start(logs: &Path, home: &Path) -> Option<Self> {
        let program = program::compile("session", "gio-unix-2.0")?;
        let (bus, calls) = (Bus::start(), logs.join("session.log"));
        let mut command = Command::new(program);
        command.env(ADDRESS, bus.address());
        let session = Self {
            services: Some(Group::start(&mut command, &calls)),
            bus,
            opened: logs.join("opened"),
            calls,
        };
        session.wait_call("ready");
        let applications = home.join(".local/share/applications");
        fs::create_dir_all(&applications).expect("a home to write to");
        for (name, kind) in [("reader", "application/pdf"), ("files", "inode/directory")] {
            let script = applications.join(name);
            let text = format!(
                "#!/bin/sh\nprintf '{name}\\t%s\\n' \"$1\" >> '{}'\n",
                session.opened.display()
            );
            fs::write(&script, text).expect("a home to write to");
            fs::set_permissions(&script, fs::Permissions::from_mode(0o700)).expect("a program");
            let entry = format!(
                "[Desktop Entry]\nType=Application\nName={name}\nExec=\"{}\" %f\nMimeType={kind};\n",
                script.display()
            );
            fs::write(applications.join(format!("{name}.desktop")), entry).expect("a home to write to");
        }
        let defaults = "[Default Applications]\napplication/pdf=reader.desktop\ninode/directory=files.desktop\n";
        fs::create_dir_all(home.join(".config")).expect("a home to write to");
        fs::write(home.join(".config/mimeapps.list"), defaults).expect("a home to write to");
        Some(session)
    }

    /// The application is started in it.
    #[must_use]
    pub fn within(&self, mut start: Start) -> Start {
        let address = PathBuf::from(self.bus.address());
        start.environment.push((ADDRESS.to_owned(), address));
        start
    }

    /// Waits until a service was called so; returns the values.
    ///
    /// # Panics
    /// When it was not, soon.
    pub fn wait_call(&self, beginning: &str) -> Vec<String> {
        line_with(&self.calls, beginning)
    }

    /// How often a service was called so.
    #[must_use]
    pub fn calls(&self, name: &str) -> usize {
        let said = fs::read_to_string(&self.calls).unwrap_or_default();
        said.lines()
            .filter(|line| line.split('\t').next() == Some(name))
            .count()
    }

    /// Waits until this program was started; returns what it was started with.
    ///
    /// # Panics
    /// When it was not, soon.
    pub fn wait_opened(&self, program: &str) -> PathBuf {
        let line = line_with(&self.opened, program);
        line.get(1).expect("one file").into()
    }

    /// Somebody clicks the last notification.
    ///
    /// # Panics
    /// When the services are gone.
    pub fn click(&self) {
        let services = self.services.as_ref().expect("services that run");
        signal("USR1", &services.id().to_string());
    }

    /// There are no notifications and no file manager any more.
    pub fn end_services(&mut self) {
        self.services = None;
    }
}

fn line_with(log: &Path, beginning: &str) -> Vec<String> {
    until(beginning, SOON, || {
        let said = fs::read_to_string(log).unwrap_or_default();
        let found = said.lines().find(|line| line.starts_with(beginning));
        found
            .map(|line| line.split('\t').map(str::to_owned).collect())
            .ok_or(said)
    })
}
