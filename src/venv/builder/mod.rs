//! The native builder: makes what `python -m venv` makes.

pub mod scripts;
