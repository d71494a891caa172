//! `prime ci`, the action and the examples: in the hands of runners that are made up here.

mod action;
pub mod examples;
mod expression;
mod fails;
mod github;
pub mod pipeline;
mod runner;
mod systems;
