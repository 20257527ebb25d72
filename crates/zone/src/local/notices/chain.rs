//! What a path depends on: each entry of each folder that the kernel comes by when
//! it follows it, links included.

use std::collections::VecDeque;
use std::ffi::{OsStr, OsString};
use std::path::{Component, Path, PathBuf};

/// As many links as Linux follows.
const MOST_LINKS: usize = 40;

/// Follows a path as the kernel does, and calls `entry` with each folder, free of
/// links, and the name that is looked up in it: before it is looked up, so that
/// who has begun to watch the folder there misses no change. Returns the file at
/// its end, if there is one.
///
/// # Errors
/// What `entry` returned.
pub(super) fn follow<E>(
    path: &Path,
    mut entry: impl FnMut(&Path, &OsStr) -> Result<(), E>,
) -> Result<Option<PathBuf>, E> {
    let Ok(path) = std::path::absolute(path) else { return Ok(None) };
    let mut here = PathBuf::new();
    let mut ahead: VecDeque<OsString> = steps(&path);
    let mut links = 0;
    while let Some(step) = ahead.pop_front() {
        match Path::new(&step).components().next() {
            Some(Component::Normal(name)) => {
                entry(&here, name)?;
                let there = here.join(name);
                let Ok(about) = there.symlink_metadata() else { return Ok(None) };
                if !about.is_symlink() {
                    here = there;
                    continue;
                }
                links += 1;
                let Ok(target) = there.read_link() else { return Ok(None) };
                if links > MOST_LINKS {
                    return Ok(None);
                }
                let mut further = steps(&target);
                further.append(&mut ahead);
                ahead = further;
            }
            Some(Component::ParentDir) => {
                here.pop();
            }
            Some(Component::CurDir) | None => {}
            Some(root) => here.push(root),
        }
    }
    Ok(Some(here))
}

fn steps(path: &Path) -> VecDeque<OsString> {
    path.components().map(|step| step.as_os_str().to_owned()).collect()
}

#[cfg(all(test, unix))]
mod tests {
    use std::convert::Infallible;
    use std::os::unix::fs::symlink;

    use super::*;
    use crate::local::folder::Folder;

    #[test]
    fn every_entry_on_the_way() {
        let folder = Folder::new("chain");
        let root = folder.0.canonicalize().unwrap();
        std::fs::create_dir_all(root.join("etc/sub")).unwrap();
        std::fs::create_dir_all(root.join("zones-1/Europe")).unwrap();
        std::fs::write(root.join("zones-1/Europe/Paris"), "").unwrap();
        symlink("zones-1", root.join("zones")).unwrap();
        symlink("../zones/./Europe/Paris", root.join("etc/relative")).unwrap();
        symlink(root.join("etc/relative"), root.join("etc/absolute")).unwrap();
        symlink("nowhere/deep", root.join("etc/dangling")).unwrap();
        symlink("round", root.join("etc/round")).unwrap();

        let paris = Some("zones-1/Europe/Paris");
        let to_paris =
            ["etc+relative", "+zones", "+zones-1", "zones-1+Europe", "zones-1/Europe+Paris"];
        type Case<'a> = (&'a str, Option<&'a str>, &'a [&'a [&'a str]]);
        let table: [Case<'_>; 6] = [
            ("etc/relative", paris, &[&["+etc"], &to_paris]),
            ("etc/sub/../relative", paris, &[&["+etc", "etc+sub"], &to_paris]),
            ("etc/absolute", paris, &[&["+etc", "etc+absolute", "+etc"], &to_paris]),
            ("etc/dangling", None, &[&["+etc", "etc+dangling", "etc+nowhere"]]),
            ("none/at/all", None, &[&["+none"]]),
            ("zones/Europe", Some("zones-1/Europe"), &[&["+zones", "+zones-1", "zones-1+Europe"]]),
        ];
        for (path, end, want) in table {
            let mut got = Vec::new();
            let found = follow(&root.join(path), |folder, name| {
                if let Ok(folder) = folder.strip_prefix(&root) {
                    got.push(format!("{}+{}", folder.display(), name.display()));
                }
                Ok::<_, Infallible>(())
            });
            assert_eq!(found, Ok(end.map(|end| root.join(end))), "{path}");
            assert_eq!(got, want.concat(), "{path}");
        }
        let round = follow(&root.join("etc/round"), |_, _| Ok::<_, Infallible>(()));
        assert_eq!(round, Ok(None), "a link that leads to itself");
    }
}
