//! Files, links and folders changed as systems change them, and a few ways more.
//! Nothing here looks at the file but the thread under test.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use crate::local::Follow;
use crate::local::folder::{Folder, file};
use crate::local::follow::Follower;

/// How long to wait for what takes a millisecond where the machine is not busy.
const DEADLINE: Duration = Duration::from_secs(120);

const TOKYO_S: i32 = 32_400;
const KOLKATA_S: i32 = 19_800;
const LAGOS_S: i32 = 3_600;

fn wait(what: &str, is_so: impl Fn() -> bool) {
    let start = Instant::now();
    while !is_so() {
        assert!(start.elapsed() < DEADLINE, "{what}: not seen");
        std::thread::sleep(Duration::from_micros(200));
    }
}

fn notified(folder: &Folder) -> &'static Follower {
    let follower: &'static Follower = Box::leak(Box::new(Follower::new()));
    follower.refresh(folder.environment(), None);
    follower.follow(Follow::Notified).unwrap();
    assert_eq!(follower.how().follow, Follow::Notified);
    follower
}

/// In 2009 and no summer time anywhere here.
fn offset_s(follower: &Follower) -> i32 {
    follower.zone().offset_at(1_234_567_890)
}

fn copy(from: &Path, to: &Path) {
    fs::copy(from, to).unwrap();
}

fn rename_over(old: &Path, make: impl Fn(&Path)) {
    let new = old.with_extension("new");
    make(&new);
    fs::rename(&new, old).unwrap();
}

#[test]
fn every_change_is_told() {
    let folder = Folder::new("notices");
    let root = &folder.0;
    let local = root.join("localtime");
    fs::create_dir_all(root.join("zones-1/Area")).unwrap();
    fs::create_dir_all(root.join("zones-2/Area")).unwrap();
    let target = root.join("zones/Area/Town");
    fs::copy(file("Asia/Tokyo"), root.join("zones-1/Area/Town")).unwrap();
    fs::copy(file("Asia/Kolkata"), root.join("zones-2/Area/Town")).unwrap();
    symlink("zones-1", root.join("zones")).unwrap();
    fs::copy(file("Africa/Lagos"), &local).unwrap();

    let follower = notified(&folder);
    let told = |what: &str, want| wait(what, || offset_s(follower) == want);
    told("the first", LAGOS_S);

    rename_over(&local, |new| copy(&file("Asia/Tokyo"), new));
    told("a file renamed over it", TOKYO_S);
    fs::copy(file("Asia/Kolkata"), &local).unwrap();
    told("written in place", KOLKATA_S);
    fs::remove_file(&local).unwrap();
    told("deleted", 0);
    assert!(follower.how().problem.is_some_and(|problem| problem.is_not_found()));
    fs::copy(file("Asia/Tokyo"), &local).unwrap();
    told("made again", TOKYO_S);
    rename_over(&local, |new| symlink(file("Africa/Lagos"), new).unwrap());
    told("a link in its place", LAGOS_S);
    rename_over(&local, |new| symlink(&target, new).unwrap());
    told("another link", TOKYO_S);

    rename_over(&target, |new| copy(&file("Africa/Lagos"), new));
    told("the link's target replaced", LAGOS_S);
    fs::copy(file("Asia/Tokyo"), &target).unwrap();
    told("the link's target written in place", TOKYO_S);
    rename_over(&root.join("zones"), |new| symlink("zones-2", new).unwrap());
    told("the link of a folder exchanged", KOLKATA_S);
    fs::rename(root.join("zones-2/Area"), root.join("zones-2/Elsewhere")).unwrap();
    told("a folder renamed", 0);
    fs::rename(root.join("zones-1/Area"), root.join("zones-2/Area")).unwrap();
    told("another folder in its place", TOKYO_S);
    fs::remove_dir_all(root.join("zones-2")).unwrap();
    told("a whole tree deleted", 0);
    fs::create_dir_all(root.join("zones-2/Area")).unwrap();
    fs::copy(file("Asia/Kolkata"), &target).unwrap();
    told("a whole tree made again", KOLKATA_S);

    symlink(&target, root.join("middle")).unwrap();
    rename_over(&local, |new| symlink("middle", new).unwrap());
    rename_over(&root.join("middle"), |new| symlink(file("Africa/Lagos"), new).unwrap());
    told("the middle of three", LAGOS_S);

    let mut environment = folder.environment();
    environment.localtime = root.join("other");
    follower.refresh(environment, None);
    assert_eq!(offset_s(follower), 0);
    fs::copy(file("Asia/Tokyo"), root.join("other")).unwrap();
    told("another path, by a refresh", TOKYO_S);

    follower.follow(Follow::Frozen).unwrap();
    fs::copy(file("Asia/Kolkata"), root.join("other")).unwrap();
    assert_eq!(offset_s(follower), TOKYO_S);
    follower.follow(Follow::Notified).unwrap();
    told("what changed while nobody watched", KOLKATA_S);
    follower.follow(Follow::Frozen).unwrap();
}

#[test]
fn what_is_no_zone_leaves_the_one_before() {
    let folder = Folder::new("notices-half");
    let local = folder.0.join("localtime");
    fs::copy(file("Asia/Tokyo"), &local).unwrap();
    let follower = notified(&folder);
    let before = follower.how();
    fs::write(&local, b"TZif2 and no more").unwrap();
    wait("no zone", || follower.how().problem.is_some_and(|problem| problem.is_malformed()));
    assert_eq!((offset_s(follower), follower.how().source), (TOKYO_S, before.source.clone()));
    fs::write(&local, b"").unwrap();
    fs::copy(file("Asia/Kolkata"), &local).unwrap();
    wait("whole again", || offset_s(follower) == KOLKATA_S);
    assert_eq!(follower.how(), before);
    follower.follow(Follow::Frozen).unwrap();
}

/// Two zones of the same length, written in turn, faster than file times can tell:
/// the last of them must be what stays.
#[test]
fn threads_read_while_notices_come() {
    let folder = Folder::new("notices-threads");
    let local = folder.0.join("localtime");
    fs::copy(file("Asia/Tokyo"), &local).unwrap();
    let follower = notified(&folder);
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while !done.load(Ordering::Relaxed) {
                    let seen_s = offset_s(follower);
                    assert!([TOKYO_S, KOLKATA_S].contains(&seen_s), "{seen_s}");
                }
            });
        }
        for turn in 0..200 {
            let zone = file(if turn % 2 == 0 { "Asia/Kolkata" } else { "Asia/Tokyo" });
            match turn % 3 {
                0 => copy(&zone, &local),
                1 => rename_over(&local, |new| copy(&zone, new)),
                _ => rename_over(&local, |new| symlink(&zone, new).unwrap()),
            }
            if turn % 3 == 2 {
                rename_over(&local, |new| copy(&local.canonicalize().unwrap(), new));
            }
        }
        done.store(true, Ordering::Relaxed);
    });
    wait("the last", || offset_s(follower) == TOKYO_S);
    follower.follow(Follow::Frozen).unwrap();
}
