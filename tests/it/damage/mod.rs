//! What is damaged on disk is found, named and mended, and nothing else is touched.

mod anew;
mod linked;
mod matrix;
mod published;
mod repo;
