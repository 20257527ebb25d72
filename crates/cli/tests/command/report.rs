//! `report`: the file, and the page in a real browser.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use predicates::str::contains;
use serde_json::Value;

use super::{instanter, json, skipped, text};

#[test]
fn a_file_that_cannot_be_written() {
    let folder = tempfile::tempdir().expect("a folder");
    let is_a_folder = folder.path().display().to_string();
    for file in ["/no/such/folder/a \"b\".html", &is_a_folder] {
        let start = Instant::now();
        instanter(&["report", file, "--for", "300"])
            .assert()
            .code(1)
            .stderr(contains(format!("cannot write {file:?}")))
            .stdout("");
        // Said at once, and not after five minutes.
        assert!(start.elapsed() < Duration::from_secs(200), "{file}");
    }
    if Path::new("/dev/full").exists() {
        instanter(&["report", "/dev/full", "--for", "0.1"])
            .assert()
            .code(1)
            .stderr(contains("cannot write \"/dev/full\""));
    }
    instanter(&["report"]).assert().code(2).stderr(contains("FILE"));
    instanter(&["report", "x", "--for", "soon"]).assert().code(2).stderr(contains("\"soon\""));
}

#[test]
fn it_is_written_over_and_to_standard_output() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("clock.html");
    std::fs::write(&file, "x".repeat(1_000_000)).expect("written");
    let name = file.display().to_string();
    let report = json(&mut instanter(&["report", &name, "--for", "0.1", "--json"]));
    let page = std::fs::read_to_string(&file).expect("a page");
    assert!(page.starts_with("<!DOCTYPE html>") && page.ends_with("</html>"), "{page}");
    assert_eq!(
        (report["bytes"].as_u64(), &report["file"]),
        (Some(page.len() as u64), &name.into())
    );
    assert!(["good", "degraded", "bad"].contains(&report["level"].as_str().unwrap_or("")));

    let page = text(&mut instanter(&["report", "-", "--for", "0.1"]));
    assert!(page.starts_with("<!DOCTYPE html>") && page.ends_with("</html>"), "{page}");

    // A reader that goes away is no error.
    let mut child = Command::new(env!("CARGO_BIN_EXE_instanter"))
        .args(["report", "-", "--for", "0.1"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the command starts");
    drop(child.stdout.take());
    let output = child.wait_with_output().expect("it ends");
    assert!(output.status.success() && output.stderr.is_empty(), "{output:?}");
}

#[test]
fn on_one_cpu() {
    let mut command = Command::new("taskset");
    command.args(["-c", "0", env!("CARGO_BIN_EXE_instanter"), "report", "-", "--for", "0.1"]);
    let Ok(output) = command.output() else {
        return skipped("report::on_one_cpu", "taskset is not there");
    };
    if !output.status.success() {
        return skipped("report::on_one_cpu", &String::from_utf8_lossy(&output.stderr));
    }
    let page = String::from_utf8_lossy(&output.stdout);
    assert!(page.contains("Not measured: this process may run on one CPU only"), "{page}");
}

#[test]
fn without_sysfs_and_proc() {
    // A mount namespace in which both are empty.
    let hide = "mount -t tmpfs none /sys && exec \"$@\"";
    let output = Command::new("unshare")
        .args(["--mount", "sh", "-c", hide, "sh", env!("CARGO_BIN_EXE_instanter")])
        .args(["report", "-", "--for", "0.1"])
        .output();
    let output = match output {
        Ok(output) if output.status.success() => output,
        Ok(output) => {
            let error = String::from_utf8_lossy(&output.stderr).into_owned();
            assert!(!error.contains("instanter"), "{error}");
            return skipped("report::without_sysfs", &error);
        }
        Err(error) => return skipped("report::without_sysfs", &format!("unshare: {error}")),
    };
    assert!(output.stdout.ends_with(b"</html>"), "{output:?}");
}

/// Longer than any machine takes to show a page.
const LIMIT: Duration = Duration::from_secs(120);

/// A browser, without a window.
struct Browser {
    program: &'static str,
    profile: tempfile::TempDir,
}

impl Browser {
    fn find() -> Option<Browser> {
        let programs = ["chromium", "chromium-browser", "google-chrome", "chrome"];
        let answers = |program: &&str| {
            let asked = Command::new(program).arg("--version").stderr(Stdio::null()).output();
            asked.is_ok_and(|output| output.status.success())
        };
        let program = programs.into_iter().find(answers)?;
        Some(Browser { program, profile: tempfile::tempdir().ok()? })
    }

    /// Loads a file. Returns the document as it is when its scripts are done, and what
    /// the browser said.
    fn load(&self, file: &Path, args: &[&str]) -> Option<(String, String)> {
        let (dom, said) = (self.profile.path().join("dom"), self.profile.path().join("said"));
        let create = |path: &Path| std::fs::File::create(path).expect("a file");
        let mut child = Command::new(self.program)
            .args(["--headless", "--no-sandbox", "--disable-gpu", "--no-first-run"])
            .args(["--disable-background-networking", "--disable-component-update"])
            .args(["--host-resolver-rules=MAP * ~NOTFOUND", "--allow-file-access-from-files"])
            .args(["--enable-logging=stderr", "--virtual-time-budget=20000", "--dump-dom"])
            .arg(format!("--user-data-dir={}", self.profile.path().join("profile").display()))
            .args(args)
            .arg(format!("file://{}", file.display()))
            .stdout(create(&dom))
            .stderr(create(&said))
            .spawn()
            .ok()?;
        let start = Instant::now();
        let status = loop {
            match child.try_wait().expect("a child") {
                Some(status) => break Some(status),
                None if start.elapsed() > LIMIT => {
                    let _ = (child.kill(), child.wait());
                    break None;
                }
                None => std::thread::sleep(Duration::from_millis(50)),
            }
        };
        let read = |path: &Path| {
            String::from_utf8_lossy(&std::fs::read(path).unwrap_or_default()).into_owned()
        };
        status.filter(|status| status.success()).map(|_| (read(&dom), read(&said)))
    }
}

/// axe-core's one file: from npm, kept beside other builds.
fn axe() -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("axe");
    let file = folder.join("node_modules/axe-core/axe.min.js");
    if !file.exists() {
        let quiet = || Stdio::null();
        let mut command = Command::new("npm");
        command.args(["install", "--no-audit", "--no-fund", "axe-core@4", "--prefix"]).arg(&folder);
        command.stdin(quiet()).stdout(quiet()).stderr(quiet()).status().ok()?;
    }
    file.exists().then_some(file)
}

/// What is asked of the page, in the page.
const QUESTIONS: &str = r"
addEventListener('load', async () => {
  const found = {
    width: innerWidth, room: document.documentElement.clientWidth, scroll: document.documentElement.scrollWidth,
    dark: matchMedia('(prefers-color-scheme: dark)').matches,
    paper: getComputedStyle(document.body).backgroundColor,
    loaded: performance.getEntriesByType('resource').map(entry => entry.name),
    small: [...document.querySelectorAll('svg text')].filter(text => text.getBoundingClientRect().height < 8).length,
    outside: [...document.querySelectorAll('svg')].flatMap(svg => {
      const frame = svg.getBoundingClientRect();
      return [...svg.querySelectorAll('text')].filter(text => {
        const box = text.getBoundingClientRect();
        return box.left < frame.left - 1 || box.right > frame.right + 1;
      }).map(text => text.textContent);
    }),
  };
  document.querySelectorAll('details').forEach(details => { details.open = true; });
  const result = await axe.run();
  found.violations = result.violations.map(v => v.id + ': ' + v.nodes.map(n => n.html).join(' | '));
  found.passes = result.passes.length;
  found.openScroll = document.documentElement.scrollWidth;
  parent.postMessage(JSON.stringify(found), '*');
});
";

/// Shows the page in a frame of a phone's width, or a desk's, and asks.
fn ask(browser: &Browser, folder: &Path, width: u32, args: &[&str]) -> Option<Value> {
    let frame = folder.join(format!("frame-{width}.html"));
    let content = format!(
        "<!DOCTYPE html><meta charset=utf-8><body><pre id=found></pre>\
         <iframe src=asked.html width={width} height=800></iframe>\
         <script>addEventListener('message', e => {{ found.textContent = '@@' + btoa(unescape(encodeURIComponent(e.data))) + '@@'; }});</script>"
    );
    std::fs::write(&frame, content).expect("written");
    let (dom, said) = browser.load(&frame, args)?;
    let answer = dom.split("@@").nth(1).unwrap_or_else(|| panic!("no answer: {dom}\n{said}"));
    // Base64 in a dozen lines would be a crate; the browser's own is decoded by it, too.
    let bytes = base64(answer);
    Some(serde_json::from_slice(&bytes).expect("JSON"))
}

fn base64(text: &str) -> Vec<u8> {
    let value = |byte: u8| match byte {
        b'A'..=b'Z' => byte - b'A',
        b'a'..=b'z' => byte - b'a' + 26,
        b'0'..=b'9' => byte - b'0' + 52,
        b'+' => 62,
        _ => 63,
    };
    let digits: Vec<u8> = text.bytes().filter(|byte| *byte != b'=').map(value).collect();
    let group = |digits: &[u8]| {
        let all = digits.iter().fold(0_u32, |all, digit| (all << 6) | u32::from(*digit));
        let all = all << (6 * (4 - digits.len()));
        all.to_be_bytes()[1..digits.len()].to_vec()
    };
    digits.chunks(4).flat_map(group).collect()
}

#[test]
fn in_a_browser() {
    const NAME: &str = "report::in_a_browser";
    let Some(browser) = Browser::find() else {
        return skipped(NAME, "chromium is not there");
    };
    let folder = tempfile::tempdir().expect("a folder");
    let page = folder.path().join("clock.html");
    text(&mut instanter(&["report", &page.display().to_string(), "--for", "1"]));

    // As it is: shown, and nothing said of it.
    let Some((dom, said)) = browser.load(&page, &[]) else {
        return skipped(NAME, "chromium does not run here");
    };
    assert!(dom.contains("<h1>The clock of"), "{dom}");
    assert!(!said.contains("CONSOLE"), "{said}");

    // With questions in it, which its policy would forbid.
    let Some(axe) = axe() else {
        return skipped(&format!("{NAME} (accessibility)"), "npm cannot fetch axe-core");
    };
    std::fs::copy(axe, folder.path().join("axe.js")).expect("copied");
    let content = std::fs::read_to_string(&page).expect("a page");
    let policy = content.find("<meta http-equiv").expect("a policy");
    let end = policy + content[policy..].find('>').expect("its end") + 1;
    let questions = format!("<script src=axe.js></script><script>{QUESTIONS}</script></head>");
    let asked =
        format!("{}{}", &content[..policy], &content[end..]).replacen("</head>", &questions, 1);
    std::fs::write(folder.path().join("asked.html"), asked).expect("written");

    for (width, args, is_dark) in [
        (360, &["--blink-settings=preferredColorScheme=1"][..], false),
        (360, &["--blink-settings=preferredColorScheme=0"], true),
        (1_100, &["--blink-settings=preferredColorScheme=1", "--window-size=1300,900"], false),
        (1_100, &["--blink-settings=preferredColorScheme=0", "--window-size=1300,900"], true),
    ] {
        let Some(found) = ask(&browser, folder.path(), width, args) else {
            return skipped(NAME, "chromium does not run here");
        };
        assert_eq!(found["width"], width, "{found}");
        assert_eq!(
            (&found["scroll"], &found["openScroll"]),
            (&found["room"], &found["room"]),
            "{found}"
        );
        assert_eq!(found["violations"], Value::Array(Vec::new()), "{found:#}");
        assert!(found["passes"].as_u64() > Some(15), "{found}");
        assert_eq!(found["dark"], is_dark, "{found}");
        let paper = if is_dark { "rgb(20, 25, 26)" } else { "rgb(253, 253, 252)" };
        assert_eq!(found["paper"], paper, "{found}");
        let loaded = found["loaded"].as_array().expect("a list");
        assert!(
            loaded.iter().all(|name| name.as_str().is_some_and(|name| name.ends_with("/axe.js"))),
            "{found}"
        );
        assert_eq!(found["outside"], Value::Array(Vec::new()), "text outside of its drawing");
        assert_eq!(found["small"], 0, "text that is too small to be read");
    }
}
