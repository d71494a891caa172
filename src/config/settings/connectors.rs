//! From the tables of connectors to what holds: paths made absolute, and of what excludes each other the later leap's.

use std::path::Path;

use crate::config::fields::{ConnectorFields, Field};
use crate::config::leap::Origin;
use crate::config::parse::Broken;
use crate::error::{Code, Fault};

const FIELD: &str = "connectors";

/// The connectors, in the order in which they are named. What contradicts itself within one leap is noted.
pub(super) fn resolve(
    ref_root: &Path,
    field: Field<Vec<ConnectorFields>>,
    faults: &mut Vec<Broken>,
) -> Vec<ConnectorFields> {
    let all = field.value().map(|setting| setting.value).unwrap_or_default();
    let resolved = all.into_iter().map(|connector| {
        let mut connector = connector.seen_from(ref_root);
        connector.settle();
        faults.extend(contradiction(&connector).map(|fault| Broken::new(FIELD, fault)));
        connector
    });
    resolved.collect()
}

fn contradiction(connector: &ConnectorFields) -> Option<Fault> {
    let [(one, place), (other, earlier)] = connector.contradictions().into_iter().next()?;
    let name = &connector.name;
    let message = format!("`{FIELD}.{name}.{one}` in {place} excludes `{other}` in {earlier}");
    let fault = Fault::of(Code::BadField, message).hint("keep one of them");
    Some(match place {
        Origin::File { source, line, .. } => fault.at(&source.path, Some(*line)),
        _ => fault,
    })
}
