//! `bench`: pictures, comparisons, and files that are not there.

use predicates::str::contains;
use serde_json::Value;

use super::{instanter, json, text};

#[test]
fn pictures() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = |name: &str| folder.path().join(name).display().to_string();
    let svg = path("costs.svg");
    text(&mut instanter(&["bench", "--quick", "--plot", &svg]));
    let picture = std::fs::read_to_string(&svg).expect("a picture");
    assert!(picture.starts_with("<svg ") && picture.trim_end().ends_with("</svg>"), "{picture}");
    assert!(picture.contains("wall + monotonic, two system calls"), "{picture}");

    let png = path("costs.png");
    let report = json(&mut instanter(&["bench", "--quick", "--plot", &png, "--json"]));
    assert_eq!(report["plot"], png.as_str());
    let reader = png::Decoder::new(std::io::BufReader::new(std::fs::File::open(&png).unwrap()));
    let mut reader = reader.read_info().expect("a PNG");
    let mut pixels = vec![0; reader.output_buffer_size().expect("it fits")];
    reader.next_frame(&mut pixels).expect("pixels");
    let (white, all) = (pixels.iter().filter(|&&byte| byte == 255).count(), pixels.len());
    assert!(white > all / 2 && white < all, "{white} of {all}");
}

#[test]
fn a_run_beside_itself() {
    let folder = tempfile::tempdir().expect("a folder");
    let old = folder.path().join("old.json");
    let mut report = json(&mut instanter(&["bench", "--quick", "--json"]));
    // As if what is now measured had been twice as fast.
    let row = report["rows"].as_array_mut().expect("rows").iter_mut();
    let row = row.into_iter().find(|row| row["name"] == "epoch").expect("a row");
    row["ratio"] = (row["ratio"].as_f64().expect("a number") / 1_000.0).into();
    report["counter"] = "sundial".into();
    std::fs::write(&old, report.to_string()).expect("written");

    let old = old.display().to_string();
    let report = json(&mut instanter(&["bench", "--quick", "--json", "--compare", &old]));
    let comparison = &report["comparison"];
    let remarks = comparison["remarks"].to_string();
    assert!(remarks.contains("sundial"), "{remarks}");
    let rows = comparison["rows"].as_array().expect("rows");
    assert_eq!(rows.len(), report["rows"].as_array().map_or(0, Vec::len));
    let verdict =
        |name: &str| rows.iter().find(|row| row["name"] == name).map(|row| row["verdict"].clone());
    assert_eq!(verdict("epoch"), Some(Value::from("slower")));
    for row in rows {
        let number = |field: &str| row[field].as_f64().expect("a number");
        let is_noise = row["verdict"] == "noise";
        assert_eq!(is_noise, number("change").abs() <= number("noise"), "{row}");
    }
}

#[test]
fn files_that_cannot_be_read_or_written() {
    let table: &[(&[&str], &str)] = &[
        (&["--plot", "/no/such/folder/x.svg"], "\"/no/such/folder/x.svg\""),
        (&["--plot", "costs.jpeg"], "\"costs.jpeg\""),
        (&["--compare", "/no/such/file"], "\"/no/such/file\""),
        (&["--compare", "/dev/null"], "\"/dev/null\" is not what `instanter bench --json` prints"),
    ];
    for (args, quoted) in table {
        let args = [&["bench", "--quick"], *args].concat();
        instanter(&args).assert().code(1).stderr(contains(*quoted)).stdout("");
    }
    instanter(&["bench", "--threads", "0"]).assert().code(2).stderr(contains("0"));
}

#[test]
fn one_cpu_is_said() {
    let command = instanter(&["bench", "--quick", "--threads", "1"]);
    let text = text(&mut { command });
    assert!(text.contains("Many threads: not measured"), "{text}");
}
