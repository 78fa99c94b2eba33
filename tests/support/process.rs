//! The built program as a process: started, watched, stopped.

use super::DEADLINE;
use std::io::Read;
use std::process::{Child, Command, Stdio};
use std::thread::JoinHandle;
use std::time::Duration;
use tokio::runtime::Handle;
use tokio::sync::watch;

/// The output of a program that has ended.
#[derive(Debug)]
pub(crate) struct Finished {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

/// A program that was started; killed when dropped.
pub(crate) struct Running {
    child: Child,
    stdout: Option<JoinHandle<String>>,
    stderr: watch::Receiver<Printed>,
    runtime: Handle,
    /// The other end of its terminal, where it has one.
    #[cfg(target_os = "linux")]
    terminal: Option<std::fs::File>,
}

/// What a program has printed on standard error so far.
#[derive(Debug, Default)]
struct Printed {
    text: String,
    /// Whether the program has ended.
    is_all: bool,
}

/// The program with a cleared environment.
pub(crate) fn program(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_workos-orgs"));
    command.args(arguments).env_clear();
    // Windows opens no socket without it.
    if let Some(root) = std::env::var_os("SystemRoot") {
        command.env("SystemRoot", root);
    }
    command
}

/// Runs a command to its end.
pub(crate) fn finish(command: &mut Command) -> Finished {
    let output = command.output().unwrap();
    Finished {
        code: output.status.code(),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

impl Finished {
    /// Fails the test, with all output, unless the program ended with this code.
    #[track_caller]
    pub(crate) fn exits_with(&self, code: i32) -> &Self {
        assert_eq!(self.code, Some(code), "\n{}\n{}", self.stdout, self.stderr);
        self
    }

    /// Fails the test unless this is on standard error.
    #[track_caller]
    pub(crate) fn stderr_has(&self, text: &str) -> &Self {
        let stderr = &self.stderr;
        assert!(stderr.contains(text), "no {text:?} in:\n{stderr}");
        self
    }

    /// Fails the test if this is on standard error.
    #[track_caller]
    pub(crate) fn stderr_lacks(&self, text: &str) -> &Self {
        let stderr = &self.stderr;
        assert!(!stderr.contains(text), "{text:?} in:\n{stderr}");
        self
    }

    /// Fails the test unless this is on standard output.
    #[track_caller]
    pub(crate) fn stdout_has(&self, text: &str) -> &Self {
        let stdout = &self.stdout;
        assert!(stdout.contains(text), "no {text:?} in:\n{stdout}");
        self
    }
}

impl Running {
    pub(super) fn start(command: &mut Command, runtime: Handle) -> Self {
        let command = command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let stdout = child.stdout.take().unwrap();
        let stderr = child.stderr.take().unwrap();
        Self {
            child,
            stdout: Some(std::thread::spawn(move || read_all(stdout))),
            stderr: watch_output(stderr),
            runtime,
            #[cfg(target_os = "linux")]
            terminal: None,
        }
    }

    #[cfg(target_os = "linux")]
    pub(super) fn start_at_terminal(mut command: Command, runtime: Handle) -> Self {
        use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
        let ours = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
        grantpt(&ours).unwrap();
        unlockpt(&ours).unwrap();
        let name = ptsname(&ours, Vec::new()).unwrap();
        let theirs = std::fs::OpenOptions::new()
            .read(true)
            .write(true)
            .open(name.to_str().unwrap())
            .unwrap();
        command
            .env("TERM", "dumb")
            .stdin(theirs.try_clone().unwrap())
            .stderr(theirs)
            .stdout(Stdio::piped());
        let mut child = command.spawn().unwrap();
        // The program has the only copies now: reading ends when it does.
        drop(command);
        let stdout = child.stdout.take().unwrap();
        let ours = std::fs::File::from(ours);
        Self {
            child,
            stdout: Some(std::thread::spawn(move || read_all(stdout))),
            stderr: watch_output(ours.try_clone().unwrap()),
            runtime,
            terminal: Some(ours),
        }
    }

    /// Types a line at its terminal.
    #[cfg(target_os = "linux")]
    pub(crate) fn types(&mut self, line: &str) {
        use std::io::Write;
        let terminal = self.terminal.as_mut().expect("it has a terminal");
        terminal.write_all(format!("{line}\n").as_bytes()).unwrap();
    }

    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// Waits for its end.
    pub(crate) async fn ended(&self) {
        let mut stderr = self.stderr.clone();
        let _ = stderr.wait_for(|printed| printed.is_all).await;
    }

    pub(crate) fn has_ended(&self) -> bool {
        self.stderr.borrow().is_all
    }

    /// SIGKILL, or the nearest to it.
    pub(crate) fn kill(mut self) -> Finished {
        // It may have ended already.
        let _ = self.child.kill();
        self.wait()
    }

    /// Sends a signal by its name: `INT`, `TERM`.
    pub(crate) fn signal(&self, name: &str) {
        let id = self.child.id().to_string();
        let status = Command::new("kill").args(["-s", name, &id]).status();
        assert!(status.unwrap().success());
    }

    /// What it has printed on standard error so far.
    pub(crate) fn stderr(&self) -> String {
        self.stderr.borrow().text.clone()
    }

    /// Waits until this is on standard error.
    pub(crate) fn wait_for_stderr(&self, text: &str) {
        let mut stderr = self.stderr.clone();
        let printed = self.runtime.block_on(async {
            let printed = stderr.wait_for(|it| it.text.contains(text) || it.is_all);
            let printed = tokio::time::timeout(DEADLINE, printed).await;
            let printed = printed.unwrap_or_else(|_| panic!("never printed: {text:?}"));
            printed.unwrap().text.clone()
        });
        assert!(printed.contains(text), "no {text:?} in:\n{printed}");
    }

    /// Waits until a file is as wanted; `what` says how.
    pub(crate) fn wait_for_file(&self, mut is_so: impl FnMut() -> bool, what: &str) {
        let start = std::time::Instant::now();
        while !is_so() {
            let has_ended = self.has_ended();
            assert!(!has_ended || is_so(), "it ended first: {what}");
            assert!(start.elapsed() < DEADLINE, "never: {what}");
            // No portable signal says that a file has changed.
            std::thread::sleep(Duration::from_millis(2));
        }
    }

    /// Waits for its end.
    pub(crate) fn wait(mut self) -> Finished {
        let ended = async { tokio::time::timeout(DEADLINE, self.ended()).await };
        let in_time = self.runtime.block_on(ended).is_ok();
        assert!(in_time, "it never ended: {}", self.stderr());
        let status = self.child.wait().unwrap();
        Finished {
            code: status.code(),
            stdout: self.stdout.take().unwrap().join().unwrap(),
            stderr: self.stderr(),
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn read_all(mut from: impl Read) -> String {
    let mut text = String::new();
    from.read_to_string(&mut text).unwrap();
    text
}

/// Reads on a thread of its own, so that others can wait for what is printed.
fn watch_output(mut from: impl Read + Send + 'static) -> watch::Receiver<Printed> {
    let (sender, receiver) = watch::channel(Printed::default());
    std::thread::spawn(move || {
        let mut bytes = Vec::new();
        let mut buffer = [0; 4096];
        // A terminal whose program has ended cannot be read any more.
        while let Ok(count @ 1..) = from.read(&mut buffer) {
            bytes.extend_from_slice(&buffer[..count]);
            let text = String::from_utf8_lossy(&bytes).into_owned();
            sender.send_modify(|printed| printed.text = text);
        }
        sender.send_modify(|printed| printed.is_all = true);
    });
    receiver
}
