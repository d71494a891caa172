//! The harness proves itself, with real tools and without `prime`: a test that fails for a fault of the harness costs
//! more than these.

mod index;
mod mirror;
mod sandbox;
