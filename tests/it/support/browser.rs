//! A real browser without a window, driven through its debugging pipe.

use std::fs::File;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use nix::sys::stat::Mode;
use nix::unistd::mkfifo;
use serde_json::{Value as Json, json};

use super::encoding::from_base64;
use super::{require_program, spawning};

/// The pipes are its files 3 and 4; whatever hangs is ended.
const START: &str = r#"exec timeout -k 5 300 "$@" 3<"$IN" 4>"$OUT" >/dev/null 2>&1"#;

/// A browser with one page.
pub struct Browser {
    child: Child,
    input: File,
    output: BufReader<File>,
    session: Option<String>,
    number: u64,
    /// What happened in the page, as it was told.
    pub events: Vec<Json>,
    _profile: tempfile::TempDir,
}

/// A picture of the page.
pub struct Picture {
    pub width: usize,
    /// Red, green and blue of each point.
    pub points: Vec<[u8; 3]>,
}

impl Picture {
    /// How many points have this colour.
    pub fn count(&self, color: [u8; 3]) -> usize {
        self.points.iter().filter(|point| **point == color).count()
    }
}

impl Browser {
    pub fn start() -> Option<Self> {
        let chromium = require_program("chromium")?;
        let profile = tempfile::tempdir().unwrap();
        let [input, output] = ["in", "out"].map(|name| profile.path().join(name));
        for path in [&input, &output] {
            mkfifo(path, Mode::S_IRWXU).unwrap();
        }
        let mut command = Command::new("/bin/sh");
        command.args(["-c", START, "sh"]).arg(chromium).args(["--headless", "--no-sandbox", "--disable-gpu"]);
        command.args(["--disable-dev-shm-usage", "--disable-background-networking", "--no-first-run"]);
        command.arg("--remote-debugging-pipe").arg(format!("--user-data-dir={}", profile.path().display()));
        command.env("IN", &input).env("OUT", &output).env("HOME", profile.path()).stdin(Stdio::null());
        let child = spawning(|| command.arg("about:blank").spawn()).unwrap();
        // In the order in which the shell opens them: each waits for its other end.
        let input = File::options().write(true).open(&input).unwrap();
        let output = BufReader::new(File::open(&output).unwrap());
        let (session, number, events) = (None, 0, Vec::new());
        let mut browser = Self { child, input, output, session, number, events, _profile: profile };
        let page = browser.ask("Target.createTarget", &json!({ "url": "about:blank" }))["targetId"].clone();
        let attached = browser.ask("Target.attachToTarget", &json!({ "targetId": page, "flatten": true }));
        browser.session = attached["sessionId"].as_str().map(str::to_owned);
        for domain in ["Page", "Log", "Runtime", "Network"] {
            browser.ask(&format!("{domain}.enable"), &json!({}));
        }
        Some(browser)
    }

    /// Asks, and waits for the answer.
    pub fn ask(&mut self, method: &str, params: &Json) -> Json {
        self.number += 1;
        let mut message = json!({ "id": self.number, "method": method, "params": params });
        if let Some(session) = &self.session {
            message["sessionId"] = json!(session);
        }
        write!(self.input, "{message}\0").unwrap();
        loop {
            let message = self.next();
            if message["id"] == self.number {
                assert!(message.get("error").is_none(), "{method}: {message}");
                return message["result"].clone();
            }
            self.events.push(message);
        }
    }

    fn next(&mut self) -> Json {
        let mut message = Vec::new();
        self.output.read_until(0, &mut message).unwrap();
        assert_eq!(message.pop(), Some(0), "the browser has ended");
        serde_json::from_slice(&message).unwrap()
    }

    /// Opens a file in a window of this width, for a person who likes it `light` or `dark`.
    pub fn open(&mut self, file: &Path, width: u32, scheme: &str) {
        let device = json!({ "width": width, "height": 800, "deviceScaleFactor": 1, "mobile": width < 500 });
        self.ask("Emulation.setDeviceMetricsOverride", &device);
        let feature = json!({ "name": "prefers-color-scheme", "value": scheme });
        self.ask("Emulation.setEmulatedMedia", &json!({ "features": [feature] }));
        let seen = self.events.len();
        self.ask("Page.navigate", &json!({ "url": format!("file://{}", file.display()) }));
        while !self.events[seen..].iter().any(|event| event["method"] == "Page.loadEventFired") {
            let event = self.next();
            self.events.push(event);
        }
    }

    /// What a piece of script gives in the page.
    pub fn value(&mut self, script: &str) -> Json {
        let answer = self.ask("Runtime.evaluate", &json!({ "expression": script, "returnByValue": true }));
        assert!(answer.get("exceptionDetails").is_none(), "{answer}");
        answer["result"]["value"].clone()
    }

    /// A picture of the whole page.
    pub fn picture(&mut self) -> Picture {
        let answer = self.ask("Page.captureScreenshot", &json!({ "captureBeyondViewport": true }));
        let png = from_base64(answer["data"].as_str().unwrap());
        let mut decoder = png::Decoder::new(std::io::Cursor::new(png));
        decoder.set_transformations(png::Transformations::normalize_to_color8());
        let mut reader = decoder.read_info().unwrap();
        let mut bytes = vec![0; reader.output_buffer_size().unwrap()];
        let frame = reader.next_frame(&mut bytes).unwrap();
        let size = frame.color_type.samples();
        let points = bytes[..frame.buffer_size()].chunks(size).map(|it| [it[0], it[1], it[2]]).collect();
        Picture { width: frame.width as usize, points }
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        let _ = write!(self.input, "{{\"id\":0,\"method\":\"Browser.close\"}}\0");
        let _ = self.child.wait();
    }
}
