//! Declarative manifests: where one comes from, and what it says of itself.
//!
//! What it makes of sources is the business of the program that runs it. Read here is only what has to be known without
//! that: the version, and what its configuration looks like.

use std::io::Cursor;
use std::path::PathBuf;

use serde_json::{Map, Value as Json};

use super::options::Options;
use super::registry::{Registry, not_set};
use super::web::{Freshness, Web};
use super::yaml;
use crate::error::{Fault, Kind, Result};
use crate::fetch::Url;
use crate::fetch::wheel::Archive;
use crate::host::Host;

/// The code that a manifest may bring, beside it.
const COMPONENTS: &str = "components.py";
/// What a manifest that brings code has to say.
const USES_CODE: &[u8] = b"class_name";
/// More than any code of a manifest has.
const CODE_LIMIT: u64 = 16 << 20;

/// A manifest with the code it brings.
#[derive(Clone, Debug)]
pub struct Source {
    /// Where it comes from, for people.
    pub name: String,
    /// The file, where it is one of this machine.
    pub path: Option<PathBuf>,
    /// The text.
    pub content: Vec<u8>,
    /// The code.
    pub components: Option<Vec<u8>>,
}

/// The manifest that a path or a URL names.
pub fn named(host: &Host, options: &Options, text: &str) -> Result<Source> {
    let url = Url::parse_or_path(&with_home(host, text), &host.current_dir).map_err(|reason| {
        let fault = Fault::new(Kind::Usage, format!("`{text}` is no path and no URL of a manifest: {reason}"));
        fault.hint("name the file of a manifest, its URL, or `true` for the registry's")
    })?;
    let web = Web::new(host, options.offline);
    let content = web.get(&url, Freshness::Validated)?.ok_or_else(|| none(&url.to_string()))?;
    let path = url.to_path();
    let beside = url.join(COMPONENTS).ok().filter(|_| uses_code(&content));
    let components = beside.map(|url| web.get(&url, Freshness::Validated)).transpose()?.flatten();
    let name = path.as_ref().map_or_else(|| url.to_string(), |path| path.display().to_string());
    Ok(Source { name, path, content, components })
}

/// The manifest that the registry has for a connector.
pub fn of_registry(registry: Option<&Registry>, options: &Options) -> Result<Source> {
    let name = options.name.as_str();
    let registry = registry.ok_or_else(|| not_set(&format!("the manifest of connector `{name}`")))?;
    let version = options.version.as_deref().unwrap_or("latest");
    let version = version.strip_prefix('v').unwrap_or(version);
    let shown = format!("{name} {version} of {}", registry.url());
    let content = registry.file(name, version, "manifest.yaml")?.ok_or_else(|| none(&shown))?;
    let archive = if uses_code(&content) { registry.file(name, version, "components.zip")? } else { None };
    let components = archive.map(|archive| code_in(&shown, archive)).transpose()?;
    Ok(Source { name: shown, path: None, content, components })
}

fn uses_code(content: &[u8]) -> bool {
    memchr::memmem::find(content, USES_CODE).is_some()
}

fn code_in(name: &str, archive: Vec<u8>) -> Result<Vec<u8>> {
    let mut archive = Archive::open(&format!("components.zip of {name}"), Cursor::new(archive))?;
    Ok(archive.take(COMPONENTS, CODE_LIMIT)?.content)
}

fn with_home(host: &Host, text: &str) -> String {
    match (text.strip_prefix("~/"), host.home()) {
        (Some(rest), Some(home)) => home.join(rest).display().to_string(),
        _ => text.to_owned(),
    }
}

fn none(what: &str) -> Fault {
    let fault = Fault::new(Kind::NotFound, format!("there is no manifest at `{what}`"));
    fault.hint("check `--source-manifest` and `--version`")
}

/// The manifest as JSON, as PyYAML would read it.
///
/// Fails with [`Kind::Data`] where it is none.
pub fn parse(source: &Source) -> Result<Json> {
    let text = String::from_utf8_lossy(&source.content);
    let parsed =
        yaml::parse(&text).map_err(|reason| anyhow::anyhow!(reason).context(not_one(source, "it is no YAML")))?;
    if !parsed.is_object() {
        return Err(not_one(source, "it is no mapping").into());
    }
    Ok(parsed)
}

/// Its version.
pub fn version(document: &Json) -> Option<String> {
    document.get("version")?.as_str().map(str::to_owned)
}

/// What its configuration looks like, as the protocol has it.
///
/// Fails with [`Kind::Data`] where it does not say so.
pub fn spec(source: &Source, document: &Json) -> Result<Json> {
    let stated = document.get("spec").and_then(Json::as_object);
    let stated = stated.ok_or_else(|| not_one(source, "it has no `spec`"))?;
    let schema = stated.get("connection_specification").filter(|it| it.is_object());
    let schema = schema.ok_or_else(|| not_one(source, "its `spec` has no `connection_specification`"))?;
    let mut spec = Map::new();
    spec.insert("connectionSpecification".to_owned(), schema.clone());
    for (key, name) in [("documentation_url", "documentationUrl"), ("advanced_auth", "advanced_auth")] {
        if let Some(value) = stated.get(key).filter(|value| !value.is_null()) {
            spec.insert(name.to_owned(), value.clone());
        }
    }
    Ok(Json::Object(spec))
}

fn not_one(source: &Source, reason: &str) -> Fault {
    let fault = Fault::new(Kind::Data, format!("`{}` is not a declarative manifest: {reason}", source.name));
    fault.hint("see what its author documents of it")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn source(text: &str) -> Source {
        Source { name: "m.yaml".into(), path: None, content: text.as_bytes().to_vec(), components: None }
    }

    #[test]
    fn the_spec_is_the_manifests_own() {
        let text = "version: 1.2.3\nspec:\n  type: Spec\n  documentation_url: http://localhost/\n  connection_specification:\n    type: object\n    required: [key]\n";
        let source = source(text);
        let document = parse(&source).unwrap();
        assert_eq!(version(&document).as_deref(), Some("1.2.3"));
        let expected = json!({"connectionSpecification": {"type": "object", "required": ["key"]},
            "documentationUrl": "http://localhost/"});
        assert_eq!(spec(&source, &document).unwrap(), expected);
    }

    #[test]
    fn what_is_no_manifest_is_told_why() {
        for (text, reason) in [("- a", "it is no mapping"), ("a: [", "it is no YAML"), ("a: *b", "it is no YAML")] {
            let fault = parse(&source(text)).unwrap_err();
            assert_eq!(fault.to_string(), format!("`m.yaml` is not a declarative manifest: {reason}"), "{text}");
        }
        let source = source("version: '1'");
        let fault = spec(&source, &parse(&source).unwrap()).unwrap_err();
        assert_eq!(fault.to_string(), "`m.yaml` is not a declarative manifest: it has no `spec`");
    }
}
