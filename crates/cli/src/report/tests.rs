//! The page, from facts that a test makes.

use super::facts::{Facts, Machine};
use super::page::page;
use crate::clocks;
use crate::doctor::coherence::Matrix;
use crate::doctor::verdict::{Check, Detail, Level, Remedy, Verdict};
use crate::explain::Walk;
use crate::watch::{Model, Which};
use crate::{bench, vdso};

const HOSTILE: &str =
    "</title></style><script>alert(1)</script><img src=x onerror='alert(1)'>\"'&\u{202e}\0";

fn facts(text: &str, coherence: Result<Matrix, String>) -> Facts {
    let check = |level| Check {
        name: text.into(),
        title: text.into(),
        level,
        summary: text.into(),
        measured: text.into(),
        why: text.into(),
        remedy: Some(Remedy { text: text.into(), commands: vec![text.into()] }),
        details: vec![Detail { name: text.into(), text: text.into() }],
        figures: Vec::new(),
    };
    let checks = vec![check(Level::Good), check(Level::Bad), check(Level::Skipped)];
    let (clocks, absent) = clocks::all().expect("clocks");
    Facts {
        machine: Machine {
            host: text.into(),
            kernel: text.into(),
            cpu: text.into(),
            utc: text.into(),
            local: text.into(),
        },
        verdict: Verdict::of(checks, text.into(), 0.1),
        walk: Walk::take().expect("a reading"),
        costs: bench::Report::quick().expect("costs"),
        clocks,
        absent,
        coherence,
        drift: Model::new(Which::Raw),
        symbols: vdso::own().map_err(|_| text.to_owned()),
    }
}

#[test]
fn hostile_texts_are_texts() {
    let page = page(&facts(HOSTILE, Err(HOSTILE.into())));
    let lower = page.to_ascii_lowercase();
    for tag in ["<script", "<img", "</title></style>", "<iframe", "<link"] {
        assert!(!lower.contains(tag), "{tag} is in the page");
    }
    assert_eq!(page.matches("</style>").count(), 1);
    assert!(page.matches("&lt;script&gt;alert(1)&lt;/script&gt;").count() > 10, "{page}");
}

#[test]
fn nothing_is_loaded_from_anywhere() {
    let page = page(&facts("a machine", Err("one CPU".into())));
    for outside in ["http:", "https:", "//", "url(", "@import", "src=", "<script", "javascript:"] {
        // The comment and the policy aside there is nothing of the kind.
        assert!(!page.contains(outside), "{outside} is in the page");
    }
    for link in page.split("href=\"").skip(1) {
        let target = link.split('"').next().unwrap_or_default();
        let id = target.strip_prefix('#').expect("a link within the page");
        assert!(page.contains(&format!("id=\"{id}\"")), "{target} leads nowhere");
    }
}

#[test]
fn every_drawing_is_told_in_words() {
    let matrix = Matrix {
        cpus: (0..32).collect(),
        every_pair: false,
        pairs: Vec::new(),
        missed: vec![(0, 1)],
    };
    let page = page(&facts("a machine", Ok(matrix)));
    let drawings = page.matches("<svg ").count();
    assert!(drawings >= 3, "{drawings}");
    for tag in ["role=\"img\" aria-labelledby=", "<title id=", "<desc id="] {
        assert_eq!(page.matches(tag).count(), drawings, "{tag}");
    }
    assert!(!page.contains("NaN") && !page.contains("inf\""), "a number is none");
}
