//! `prime` takes a freshly cloned Python repository to a working environment, and gets out of the way.
//!
//! This page is the architecture. What the program promises to its users is in the README; the reasons for single
//! decisions stand in the modules that carry them.
//!
//! # One direction
//!
//! ```text
//! argv, env, cwd ─▶ Host ─▶ Cli ─▶ Settings ─┐
//!                                            ├─▶ Step ─▶ Outcome ─▶ exit or execve
//!           interpreters, venv on disk ─▶ World┘
//! ```
//!
//! * [`host::Host`] is the process, captured once as plain data. Nothing else asks the real one.
//! * [`config::Settings`] is the effective configuration, found by *leaps*: input, primer, client, env, derived. A later
//!   one overrides an earlier one, field by field, and every value keeps its origin.
//! * [`bootstrap::world`] is what exists right now. Observing decides nothing.
//! * [`bootstrap::plan`] computes the next step from plain values and has no effects.
//! * [`host::Outcome`] is an exit code, or a program to become. Only `main` carries it out: `execve` runs no destructors,
//!   so by then every temporary directory is gone and every lock released.
//!
//! # Stages
//!
//! The work is done in stages ([`bootstrap::stage::Stage`]), named as protoprimer names its strides. Each ends with an
//! `execve` of this same binary with the arguments it was started with; the next stage's name travels in
//! `PROTOPRIMER_PY_EXEC`, the id of the run in `PROTOPRIMER_START_ID`, and nothing else does: each stage reads again what it
//! needs and can be run twice with the same result.
//!
//! Where somebody asks for it, all stages record what they do and how long it takes in one file ([`ui::record`]), whose
//! path travels with them. Lower layers tell of their work ([`host::work`]) and do not know who listens.
//!
//! | stage | what is done before the process moves on |
//! |---|---|
//! | `stride_py_unknown` | proves the repository ready and hands over at once, or leaves foreign environments |
//! | `stride_py_arbitrary` | loads the configuration, sets the link to the environment, opens the log, selects a python |
//! | `stride_py_required` | makes the virtual environment with the driver |
//! | `stride_py_venv` | mends what is damaged, installs what changed, pins the versions, writes the stamp |
//! | `stride_deps_updated` | brings the launcher to the `prime` of the environment, if that is newer, which then goes on |
//! | `stride_src_updated` | proves the repository ready and hands over |
//!
//! # Leaps and environments
//!
//! The primer's file tells the ref root and where the client's file is, the client's file how the environment is selected,
//! and the environment's file overrides the client's, field by field. One file may serve several leaps; what it says is
//! judged for those that it serves. [`config::evaluate`] goes on after a fault with the default in its place, so that
//! `prime eval` can show all of it; [`config::load`], which everything else uses, fails with the first.
//!
//! A repository may have several environments, each in a directory of its own: `--env`, else the symlink, else the default
//! selects one. Each has its own file, venv, pins, stamp and lock ([`deps::State`]). The venv's directory is said once for
//! all, so environments other than the default add their own name to it. Only the building of the repository's own projects
//! is done under a lock that all environments share, because builds write into the sources.
//!
//! # Ready
//!
//! An environment is present only while its stamp ([`deps::Stamp`], one file in the repository's `.prime` directory) says
//! so. The stamp is withdrawn before the first change and written after the last; it names every file that decided
//! something, those that were looked for and not there included. A ready run compares them by size and times, reads only
//! what was touched, and does nothing else: no lock, no write, no child, no configuration parsed.
//!
//! A stamp counts where this user, the superuser or the owner of the repository wrote it, and where the state directory is
//! no symbolic link. It names the interpreter by the path that outlives a patch upgrade ([`python::stable_path`]).
//!
//! Which stamp counts is found without the configuration: each notes when its environment is the selected one. Only where
//! the seed file does not lie in the ref root, the primer's file is read to find that.
//!
//! The stamp is a belief; the proof is [`deps::verify`](mod@deps::verify), which holds the files on disk against what each
//! distribution records. `boot` proves, `run` trusts the last proof. What is damaged is mended in the stage that installs,
//! one distribution at a time, and proven again; a stage never goes back, so an environment that cannot be mended is made
//! anew within that stage.
//!
//! What mends comes from the tool's cache first. pip finds nothing there by name, so where each file came from is noted
//! beside the stamp ([`deps::Sources`]), for a repair without the network.
//!
//! A reboot moves the environment aside with its stamp and its pins, and fills the new one without the pins; the new stamp
//! says so until it is ready, so that another run neither takes a part of it for the whole nor goes on with other pins. What
//! was moved comes back by a rename, and since a rename changes neither the birth of a directory nor anything in it, its
//! stamp still holds.
//!
//! Changes happen under a file lock that does not survive an `execve`; the next stage takes it anew and looks again, so
//! that of several processes one does the work and the others find it done.
//!
//! # Brought back
//!
//! A CI keeps an environment and brings it back elsewhere: other inodes, another birth, the same content. The stamp then
//! does not hold, and the stages prove instead: inputs by their content, the environment by its records, the interpreter by
//! what it says it is ([`python::interpreter::Target`]) and, where uv provided it, by the list of its files
//! ([`deps::Installation`]). What is proven is adopted with a new stamp. [`bootstrap::cache_key`] and
//! [`bootstrap::cache_paths`] go by what a boot would start from, never by what is there. Of a `pyproject.toml` counts what
//! decides what is installed, for the key as for what is due ([`config::project::deciding_of_project`]): of tools that are
//! not known to decide nothing, everything.
//!
//! # Ways in
//!
//! Every way into a ready environment ends in one `exec`: the program has this process's id, streams and signals, and none
//! of our variables. `run`, `-c` and `shell` bootstrap first; `start`, which scripts name in their first line, and `env` never
//! do: [`bootstrap::ready`] goes by the stamp of the repository that a script lies in, or fails. What is started each time
//! is told by its first words (`cli::plain`); clap, whose definition takes longer to put together than a ready run takes,
//! parses all other command lines.
//!
//! A script with metadata of its own (PEP 723) has an environment in the user's cache. [`bootstrap::script`] makes a
//! directory there for each distinct metadata and treats it as a repository, whose configuration is made of the script
//! ([`config::Script`]) and not of files: all else is as for any other. A lock beside the script (PEP 751,
//! [`config::script::lock`]) is part of what the environment is known by, and takes the place of the requirements.
//! [`bootstrap::prune`] removes what was not used for long, with what else of the cache is of no use any more.
//!
//! `prime ci` is a boot whose last stage hands the environment to the steps that follow it, in the way of the system of
//! continuous integration that it runs in; each stage opens and closes its own group in the log. What is decided and said is
//! made of plain values (`cli::ci`); only the files that a runner names, and its log, are written.
//!
//! A shell that stays reads files of ours in place of the user's, which read those in turn and put the environment on top
//! ([`shell::session`]). They are the same for every environment and hold no value of one.
//!
//! # Making environments
//!
//! [`venv::builder`] is CPython's `venv.EnvBuilder`: a trait whose methods are its steps, in its order, with the context that
//! it hands from one to the next. It starts no Python but to upgrade pip. What an interpreter would know of itself (version,
//! layout, the name it was called by) is asked once and cached; the activation templates and the wheels of pip are read from
//! its standard library, so the result is that interpreter's own, file by file. [`venv::seed`] plans the installation of
//! those wheels before the directory is touched, and installs them several files at a time, from a cache that holds them
//! unpacked and compiled. `prime venv` is a command line for it, and `venv_pip` makes environments with it; `python -m venv`
//! remains for other implementations and where `native_venv` is false.
//!
//! An environment that is being made is marked and locked by one file in it ([`venv::builder::UNFINISHED`]); one that fails
//! in an empty place is removed, one that was killed is finished by the next run. Whether the directory may be cleared is
//! in the marker too: one that was put among somebody's files gives no leave to delete them.
//!
//! # Where uv comes from
//!
//! `PRIME_UV`, the user's cache, `PATH`, the package index. From the index it is fetched natively first (the wheel, its
//! digest checked, the binary taken out), because that needs no python and takes a twentieth of the time of the other way,
//! an intermediate environment into which pip installs uv. That other way serves where the native one does not: no wheel
//! for this platform, credentials that only pip knows how to get.
//!
//! # The launcher
//!
//! `prime init` writes a shell script into the repository ([`mod@launcher`]) that becomes the `prime` of one version: it names
//! that version and the sha256 of each platform's wheel, looks in a few places for `prime-<version>`, and fetches and
//! verifies the wheel where it is in none. What it starts knows the repository by `PROTOPRIMER_PROTO_CODE`. A wheel has the
//! binary as its first member, uncompressed, so that a shell takes it out; `examples/wheel` makes it.
//!
//! Where the dependencies bring a newer `prime`, the launcher's pins follow it, and the rest of that run is its own: this is
//! the one `execve` between stages that is of another binary. Versions only grow, so this ends as the stages do.
//!
//! # Connectors
//!
//! [`connector`] makes named Python applications runnable, each in a way of its own: [`connector::Executor`] has the five.
//! Which one is meant is decided from plain values ([`connector::method`]), and where they leave it open by what is there and
//! by a registry ([`connector::choose`]). Environments are made by the same drivers as the repository's, and a stamp in each
//! says what it is; they belong to no repository and know no configuration. What was said when one was made is in its stamp
//! and holds until something else is said, so what is broken comes back as what it was; a boot goes by its table alone. One
//! that was brought back is proven by its content and adopted; what a CI keeps of those that a boot makes sure of goes by the
//! configuration alone.
//!
//! What a connector says is taken by a thread of its own ([`host::tap`]), so that whoever is asked to stop can end while
//! nobody reads on. Lines are told apart by their first bytes ([`connector::protocol`]) and passed on as they came, from
//! pipe to pipe without being copied ([`host::source`]); the state is written only when the records before it have gone
//! where they belong ([`connector::pump`]). A configuration and a state stay the text that they are. A configuration is
//! held against the connector's spec, which is asked for unless it cannot be another one by now: that of an environment is
//! in its stamp, that of an image is kept by its id ([`connector::specs`]).
//!
//! # Who may use whom
//!
//! ```text
//! main → cli → bootstrap, connector, shell → deps, launcher → venv → fetch → config → python → ui → host → error
//! ```
//!
//! A module uses only what stands to its right, and less where it can: `bootstrap` and `shell` do not see each other;
//! `shell`, `deps`, `launcher`, `venv` and `fetch` take plain values and do not see `config`; only `bootstrap`, `connector` and `cli`
//! (and `main`) talk to the person. A test checks the edges.

pub mod bootstrap;
pub mod cli;
pub mod config;
pub mod connector;
pub mod deps;
pub mod error;
pub mod fetch;
pub mod host;
pub mod launcher;
pub mod python;
pub mod shell;
pub mod ui;
pub mod venv;

use error::Result;
use host::{Host, Outcome, signal};

/// Does what the command line says, as far as this process goes; what is left is the outcome. A process that was asked to
/// stop has no other: who asked a child something may have taken its end for an answer.
pub fn run(host: &Host) -> Result<Outcome> {
    let outcome = cli::run(host);
    let outcome = match signal::received() {
        Some(signal) => Err(signal::fault(signal).into()),
        None => outcome,
    };
    cli::timings::end(host, outcome)
}
