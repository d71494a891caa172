//! Takes the work that lower layers tell of ([`crate::host::work`]) onto the record.

use std::fmt;

use tracing::Subscriber;
use tracing::field::{Field, Visit};
use tracing::level_filters::LevelFilter;
use tracing::span::{Attributes, Id, Record as Values};
use tracing_subscriber::Layer;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::Context;
use tracing_subscriber::registry::LookupSpan;

use super::{Kind, Recorder, Span};
use crate::host::work;

/// What listens.
pub struct Listener(pub &'static Recorder);

impl Listener {
    /// What is heard: work, and nothing else.
    pub fn filter() -> Targets {
        Targets::new().with_target(work::TARGET, LevelFilter::TRACE)
    }
}

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Listener {
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let kind = Kind::parse(attributes.metadata().name());
        let Some((kind, entry)) = kind.zip(context.span(id)) else { return };
        let mut span = self.0.span(kind);
        attributes.record(&mut Fields(&mut span));
        // What takes no time is written when it ends.
        if kind != Kind::Skipped {
            self.0.write_span(&span);
        }
        entry.extensions_mut().insert(span);
    }

    fn on_record(&self, id: &Id, values: &Values<'_>, context: Context<'_, S>) {
        let Some(entry) = context.span(id) else { return };
        if let Some(span) = entry.extensions_mut().get_mut::<Span>() {
            values.record(&mut Fields(span));
        }
    }

    fn on_close(&self, id: Id, context: Context<'_, S>) {
        let Some(mut span) = context.span(&id).and_then(|entry| entry.extensions_mut().remove::<Span>()) else {
            return;
        };
        span.end = Some(if span.kind == Kind::Skipped { span.start } else { self.0.now() });
        self.0.write_span(&span);
    }
}

/// A span whose fields are being told.
struct Fields<'a>(&'a mut Span);

impl Fields<'_> {
    fn set(&mut self, field: &Field, text: String) {
        match field.name() {
            "name" => self.0.name = text,
            "detail" => self.0.detail = text,
            "outcome" => self.0.outcome = Some(text),
            _ => {}
        }
    }
}

impl Visit for Fields<'_> {
    fn record_u64(&mut self, field: &Field, value: u64) {
        if field.name() == "bytes" {
            self.0.bytes = Some(value);
        }
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.set(field, value.to_owned());
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.set(field, format!("{value:?}"));
    }
}
