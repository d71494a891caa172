//! Where the time of a run went: the record ([`super::record`]) as a page for people and as a document for programs.
//!
//! All of it is pure: from the record to text. The page is one file and asks for nothing else: its style is in it, the bars
//! are drawings in it (SVG), and it has no script.

mod document;
mod facts;
mod html;
mod rows;
#[cfg(test)]
mod tests;
mod time;

pub use document::{document, schema};
pub use html::page;
