//! `prime ci`, the action and the examples: in the hands of runners that are made up here.

mod fails;
mod github;
mod runner;
mod systems;
