//! From the tables of connectors to what holds: paths made absolute, and of what excludes each other the later leap's.

use std::path::Path;

use crate::config::fields::{ConnectorFields, Field};
use crate::config::leap::Origin;
use crate::config::parse::Broken;
use crate::error::{Code, Fault};

const FIELD: &str = "connectors";

/// The connectors, in the order in which they are named. What contradicts itself within one leap is noted.
pub(super) fn resolve(
    (ref_root, venv_dir): (&Path, &Path),
    field: Field<Vec<ConnectorFields>>,
    faults: &mut Vec<Broken>,
) -> Vec<ConnectorFields> {
    let all = field.value().map(|setting| setting.value).unwrap_or_default();
    let resolved = all.into_iter().map(|connector| {
        let mut connector = connector.seen_from(ref_root);
        connector.settle();
        let fault = contradiction(&connector).or_else(|| taken(&connector, ref_root, venv_dir));
        faults.extend(fault.map(|fault| Broken::new(FIELD, fault)));
        connector
    });
    resolved.collect()
}

/// An environment named `x` has the venv `.venv-x`, and a connector of that name would have the same.
fn taken(connector: &ConnectorFields, ref_root: &Path, venv_dir: &Path) -> Option<Fault> {
    let (name, origin) = (&connector.name, &connector.origin);
    let dir = connector.path("install_root").unwrap_or(ref_root).join(format!(".venv-{name}"));
    (dir == venv_dir).then(|| {
        let message =
            format!("the environment of connector `{name}` ({origin}) would be `{}`, the venv", dir.display());
        Fault::of(Code::BadField, message)
            .hint("give it another `install_root`, or choose another `local_venv_dir_rel_path`")
    })
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
