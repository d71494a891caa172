//! Which platform tags this machine can use (PEP 425, PEP 600, PEP 656, and Apple's as the `packaging` project has
//! them), for programs that bring all they need but the C library.
//!
//! The C library is looked for on disk, because this binary may be a static one that has none: the loader at the place
//! that the architecture's binary interface fixes, and the library beside the file that it links to.

use std::path::{Path, PathBuf};

/// The machine as far as native programs care.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Platform {
    /// Linux.
    Linux {
        /// The architecture in tags: `x86_64`, `aarch64`, `armv7l`, …
        arch: String,
        /// The version of the GNU C library, where it has one.
        glibc: Option<(u32, u32)>,
    },
    /// macOS.
    MacOs {
        /// The architecture in tags: `arm64` or `x86_64`.
        arch: String,
        /// The version of the system.
        version: (u32, u32),
    },
    /// Any other, for which no native program is known.
    Other(String),
}

impl Platform {
    /// Looks at the machine whose root directory this is.
    pub fn observe(root: &Path) -> Self {
        match std::env::consts::OS {
            "linux" => {
                let arch = linux_arch(root);
                let glibc = glibc_version(root, &arch);
                Self::Linux { arch, glibc }
            }
            "macos" => Self::MacOs {
                arch: if std::env::consts::ARCH == "aarch64" { "arm64" } else { std::env::consts::ARCH }.to_owned(),
                version: macos_version(root).unwrap_or((11, 0)),
            },
            other => Self::Other(format!("{other} {}", std::env::consts::ARCH)),
        }
    }

    /// How well a platform tag suits, the lower the better; `None` where it does not.
    ///
    /// On Linux a build against the GNU C library is preferred where that is new enough. One for musl serves everywhere
    /// else: programs published so are static.
    pub fn rank(&self, tag: &str) -> Option<u32> {
        match self {
            Self::Linux { arch, glibc } => rank_on_linux(tag, arch, *glibc),
            Self::MacOs { arch, version } => rank_on_macos(tag, arch, *version),
            Self::Other(_) => None,
        }
    }

    /// For people: `linux x86_64 (glibc 2.36)`.
    pub fn describe(&self) -> String {
        match self {
            Self::Linux { arch, glibc: Some((major, minor)) } => format!("linux {arch} (glibc {major}.{minor})"),
            Self::Linux { arch, glibc: None } => format!("linux {arch} (without glibc)"),
            Self::MacOs { arch, version: (major, minor) } => format!("macos {major}.{minor} {arch}"),
            Self::Other(name) => name.clone(),
        }
    }
}

fn rank_on_linux(tag: &str, arch: &str, glibc: Option<(u32, u32)>) -> Option<u32> {
    let tag = tag.strip_suffix(arch)?.strip_suffix('_')?;
    let needed = match tag {
        "linux" => return Some(2000),
        "manylinux1" => Some((2, 5)),
        "manylinux2010" => Some((2, 12)),
        "manylinux2014" => Some((2, 17)),
        tag => tag.strip_prefix("manylinux_").and_then(two_numbers),
    };
    if let Some(needed) = needed {
        let (has, needs) = (glibc?, needed);
        // The build for the newest library that is not too new.
        return (has.0 == needs.0 && has.1 >= needs.1).then(|| has.1 - needs.1);
    }
    let (major, minor) = tag.strip_prefix("musllinux_").and_then(two_numbers)?;
    (major == 1).then_some(1000 + minor)
}

fn rank_on_macos(tag: &str, arch: &str, has: (u32, u32)) -> Option<u32> {
    let tag = tag.strip_prefix("macosx_")?;
    let (version, penalty) = match tag.strip_suffix(arch) {
        Some(version) => (version, 0),
        None => (tag.strip_suffix("universal2")?, 1),
    };
    let needs = two_numbers(version.strip_suffix('_')?)?;
    let distance = |(major, minor): (u32, u32)| major.saturating_mul(100).saturating_add(minor);
    (has >= needs).then(|| (distance(has) - distance(needs)).saturating_mul(2).saturating_add(penalty))
}

fn two_numbers(text: &str) -> Option<(u32, u32)> {
    let (major, minor) = text.split_once('_')?;
    Some((major.parse().ok()?, minor.parse().ok()?))
}

fn linux_arch(root: &Path) -> String {
    let arch = match std::env::consts::ARCH {
        "x86" => "i686",
        "powerpc64" if cfg!(target_endian = "little") => "ppc64le",
        "arm" => {
            let cpu = std::fs::read_to_string(root.join("proc/cpuinfo")).unwrap_or_default();
            let old = |line: &str| line.starts_with("CPU architecture") && line.trim_end().ends_with('6');
            if cpu.lines().any(old) { "armv6l" } else { "armv7l" }
        }
        other => other,
    };
    arch.to_owned()
}

/// Where the loader of the GNU C library is, as the binary interface of the architecture fixes it.
fn loader(arch: &str) -> Option<&'static str> {
    Some(match arch {
        "x86_64" => "lib64/ld-linux-x86-64.so.2",
        "i686" => "lib/ld-linux.so.2",
        "aarch64" => "lib/ld-linux-aarch64.so.1",
        "armv7l" | "armv6l" => "lib/ld-linux-armhf.so.3",
        "ppc64le" => "lib64/ld64.so.2",
        "s390x" => "lib/ld64.so.1",
        "riscv64" => "lib/ld-linux-riscv64-lp64d.so.1",
        "loongarch64" => "lib64/ld-linux-loongarch-lp64d.so.1",
        _ => return None,
    })
}

fn glibc_version(root: &Path, arch: &str) -> Option<(u32, u32)> {
    let loader = resolve_within(root, &root.join(loader(arch)?))?;
    let library = std::fs::read(loader.parent()?.join("libc.so.6")).ok()?;
    version_in_banner(&library).or_else(|| version_in_symbols(&library))
}

/// The file that a path leads to, absolute links seen from `root`.
fn resolve_within(root: &Path, path: &Path) -> Option<PathBuf> {
    let mut path = path.to_owned();
    for _ in 0..16 {
        match std::fs::read_link(&path) {
            Ok(target) if target.is_absolute() => path = root.join(target.strip_prefix("/").ok()?),
            Ok(target) => path = path.parent()?.join(target),
            Err(_) => return path.canonicalize().ok(),
        }
    }
    None
}

/// The library says who it is: `GNU C Library (…) stable release version 2.36.`
fn version_in_banner(library: &[u8]) -> Option<(u32, u32)> {
    const BANNER: &[u8] = b" release version ";
    let at = library.windows(BANNER.len()).position(|window| window == BANNER)? + BANNER.len();
    dotted_version(&library[at..])
}

/// The highest version of a symbol: `GLIBC_2.36`.
fn version_in_symbols(library: &[u8]) -> Option<(u32, u32)> {
    const PREFIX: &[u8] = b"GLIBC_";
    let starts = library.windows(PREFIX.len()).enumerate().filter(|(_, window)| *window == PREFIX);
    starts.filter_map(|(at, _)| dotted_version(&library[at + PREFIX.len()..])).max()
}

fn dotted_version(bytes: &[u8]) -> Option<(u32, u32)> {
    let end = bytes.iter().take(12).position(|byte| !byte.is_ascii_digit() && *byte != b'.')?;
    let text = std::str::from_utf8(&bytes[..end]).ok()?;
    let mut numbers = text.split('.').map(str::parse);
    Some((numbers.next()?.ok()?, numbers.next()?.ok()?))
}

fn macos_version(root: &Path) -> Option<(u32, u32)> {
    let file = root.join("System/Library/CoreServices/SystemVersion.plist");
    let text = std::fs::read_to_string(file).ok()?;
    let (_, after) = text.split_once("<key>ProductVersion</key>")?;
    let (_, after) = after.split_once("<string>")?;
    let (version, _) = after.split_once("</string>")?;
    let mut numbers = version.trim().split('.').map(str::parse);
    Some((numbers.next()?.ok()?, numbers.next().and_then(Result::ok).unwrap_or(0)))
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    fn best<'a>(platform: &Platform, tags: &[&'a str]) -> Option<&'a str> {
        let ranked = tags.iter().filter_map(|tag| Some((platform.rank(tag)?, *tag)));
        ranked.min().map(|(_, tag)| tag)
    }

    #[test]
    fn the_newest_build_that_the_c_library_allows_is_best_and_musl_serves_elsewhere() {
        let tags = [
            "manylinux_2_17_x86_64",
            "manylinux_2_28_x86_64",
            "manylinux2014_x86_64",
            "musllinux_1_1_x86_64",
            "musllinux_1_2_x86_64",
            "manylinux_2_17_aarch64",
            "manylinux_2_17_i686",
            "macosx_11_0_arm64",
            "win_amd64",
        ];
        let linux = |glibc| Platform::Linux { arch: "x86_64".to_owned(), glibc };
        for (glibc, expected) in [
            (Some((2, 36)), "manylinux_2_28_x86_64"),
            (Some((2, 27)), "manylinux2014_x86_64"),
            (Some((2, 12)), "musllinux_1_1_x86_64"),
            (None, "musllinux_1_1_x86_64"),
        ] {
            assert_eq!(best(&linux(glibc), &tags), Some(expected), "{glibc:?}");
        }
        assert_eq!(
            best(&linux(Some((2, 36))), &["linux_x86_64", "musllinux_1_1_x86_64"]),
            Some("musllinux_1_1_x86_64")
        );
        let arm = Platform::Linux { arch: "armv7l".to_owned(), glibc: Some((2, 31)) };
        assert_eq!(best(&arm, &["linux_armv6l", "manylinux_2_17_armv7l"]), Some("manylinux_2_17_armv7l"));
        assert_eq!(best(&Platform::Other("plan9".to_owned()), &tags), None);
    }

    #[test]
    fn macos_takes_its_own_architecture_and_nothing_newer() {
        let tags = ["macosx_10_12_x86_64", "macosx_11_0_arm64", "macosx_12_0_arm64", "macosx_10_9_universal2"];
        let mac = |arch: &str, version| Platform::MacOs { arch: arch.to_owned(), version };
        assert_eq!(best(&mac("arm64", (14, 5)), &tags), Some("macosx_12_0_arm64"));
        assert_eq!(best(&mac("arm64", (11, 7)), &tags), Some("macosx_11_0_arm64"));
        assert_eq!(best(&mac("x86_64", (10, 15)), &tags), Some("macosx_10_12_x86_64"));
        assert_eq!(best(&mac("x86_64", (10, 10)), &tags), Some("macosx_10_9_universal2"));
    }

    #[test]
    fn the_c_library_is_found_through_absolute_links_and_tells_its_version() {
        let root = tempfile::tempdir().unwrap();
        let at = |path: &str| root.path().join(path);
        for dir in ["lib64", "usr/lib/x", "etc"] {
            std::fs::create_dir_all(at(dir)).unwrap();
        }
        assert_eq!(glibc_version(root.path(), "x86_64"), None);
        symlink("/usr/lib/x/loader", at("lib64/ld-linux-x86-64.so.2")).unwrap();
        std::fs::write(at("usr/lib/x/loader"), "").unwrap();
        assert_eq!(glibc_version(root.path(), "x86_64"), None, "a loader of somebody else");
        let library = at("usr/lib/x/libc.so.6");
        std::fs::write(&library, "..GNU C Library (Any 2.31-0) stable release version 2.31.\n..").unwrap();
        assert_eq!(glibc_version(root.path(), "x86_64"), Some((2, 31)));
        std::fs::write(&library, b"\0GLIBC_2.4\0GLIBC_2.17\0GLIBC_PRIVATE\0GLIBC_2.9\0").unwrap();
        assert_eq!(glibc_version(root.path(), "x86_64"), Some((2, 17)));
        std::fs::write(&library, "GLIBC_").unwrap();
        assert_eq!(glibc_version(root.path(), "x86_64"), None);
    }

    #[test]
    fn the_version_of_macos_is_read_from_its_property_list() {
        let root = tempfile::tempdir().unwrap();
        let dir = root.path().join("System/Library/CoreServices");
        std::fs::create_dir_all(&dir).unwrap();
        let text = "<dict><key>ProductVersion</key>\n\t<string>14.5.1</string></dict>";
        std::fs::write(dir.join("SystemVersion.plist"), text).unwrap();
        assert_eq!(macos_version(root.path()), Some((14, 5)));
    }

    #[test]
    fn this_machine_is_one_that_has_tags() {
        let platform = Platform::observe(Path::new("/"));
        assert!(!platform.describe().is_empty());
        if let Platform::Linux { arch, .. } = &platform {
            assert!(platform.rank(&format!("musllinux_1_1_{arch}")).is_some());
        }
    }
}
