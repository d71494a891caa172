//! Deflates what `prime completions` prints: the scripts beside its source are a hundred kilobytes, mostly repetitions.

use std::error::Error;
use std::io::Write as _;
use std::path::Path;
use std::{env, fs};

use flate2::Compression;
use flate2::write::DeflateEncoder;

fn main() -> Result<(), Box<dyn Error>> {
    let out = env::var_os("OUT_DIR").ok_or("cargo names no directory")?;
    for name in ["prime.bash", "_prime", "prime.fish"] {
        let script = Path::new("src/cli/completions").join(name);
        println!("cargo::rerun-if-changed={}", script.display());
        let mut encoder = DeflateEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(&fs::read(script)?)?;
        fs::write(Path::new(&out).join(name), encoder.finish()?)?;
    }
    Ok(())
}
