//! One connector of the registry, mapped as PyAirbyte maps it.

use serde_json::Value as Json;

/// How a connector can be installed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InstallType {
    /// A declarative manifest.
    Yaml,
    /// A package of the index.
    Python,
    /// An image.
    Docker,
}

/// What the registry says of a connector.
#[derive(Clone, Debug, PartialEq)]
pub struct Metadata {
    /// Its name.
    pub name: String,
    /// The newest version.
    pub latest: Option<String>,
    /// The image, without a tag.
    pub image: String,
    /// The package, where it is published.
    pub package: Option<String>,
    /// How it is best installed.
    pub install_type: InstallType,
    /// What its configuration looks like.
    pub spec: Option<Json>,
}

impl Metadata {
    /// Reads an entry. The error is what is wrong with it.
    pub fn parse(name: &str, entry: &Json) -> Result<Self, &'static str> {
        let image = text(entry, "dockerRepository").ok_or("it has no `dockerRepository`")?;
        let language = language(entry);
        let pypi = entry.pointer("/remoteRegistries/pypi");
        let enabled = pypi.and_then(|it| it.get("enabled")).and_then(Json::as_bool).unwrap_or(false);
        let package = pypi.filter(|_| enabled).and_then(|it| text(it, "packageName"));
        let install_type = match language.as_deref() {
            Some("manifest-only") => InstallType::Yaml,
            Some("python") if package.is_some() => InstallType::Python,
            _ => InstallType::Docker,
        };
        Ok(Self {
            name: name.to_owned(),
            latest: text(entry, "dockerImageTag"),
            image,
            package,
            install_type,
            spec: entry.get("spec").filter(|spec| spec.is_object()).cloned(),
        })
    }
}

/// What it is written in: said outright, else by a tag.
fn language(entry: &Json) -> Option<String> {
    let known = ["python", "manifest-only", "java"];
    let said = text(entry, "language").filter(|language| known.contains(&language.as_str()));
    let tags = entry.get("tags").and_then(Json::as_array).into_iter().flatten().filter_map(Json::as_str);
    let mut tagged = tags.filter_map(|tag| tag.strip_prefix("language:")).filter(|language| known.contains(language));
    said.or_else(|| tagged.next().map(str::to_owned))
}

fn text(value: &Json, key: &str) -> Option<String> {
    value.get(key)?.as_str().filter(|text| !text.is_empty()).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn parse(entry: &Json) -> Metadata {
        Metadata::parse("source-x", entry).unwrap()
    }

    #[test]
    fn entries_are_mapped_as_upstream_maps_them() {
        let pypi = json!({"pypi": {"enabled": true, "packageName": "airbyte-source-x"}});
        let python = json!({"dockerRepository": "airbyte/source-x", "dockerImageTag": "1.2.3", "language": "python",
            "remoteRegistries": pypi, "spec": {"connectionSpecification": {}}});
        let metadata = parse(&python);
        assert_eq!(metadata.latest.as_deref(), Some("1.2.3"));
        assert_eq!(metadata.package.as_deref(), Some("airbyte-source-x"));
        assert_eq!(metadata.install_type, InstallType::Python);
        assert_eq!(metadata.spec, Some(json!({"connectionSpecification": {}})));
        let with = |key: &str, value: Json| {
            let mut entry = python.clone();
            entry[key] = value;
            parse(&entry)
        };
        assert_eq!(with("language", json!("manifest-only")).install_type, InstallType::Yaml);
        assert_eq!(with("language", json!("java")).install_type, InstallType::Docker);
        assert_eq!(with("language", json!(3)).install_type, InstallType::Docker);
        assert_eq!(with("spec", json!("none")).spec, None);
        let disabled = with("remoteRegistries", json!({"pypi": {"enabled": false, "packageName": "x"}}));
        assert_eq!((disabled.package, disabled.install_type), (None, InstallType::Docker));
        let tagged = json!({"dockerRepository": "a/b", "tags": ["x", "language:manifest-only"]});
        assert_eq!(parse(&tagged).install_type, InstallType::Yaml);
        assert_eq!(Metadata::parse("x", &json!({})), Err("it has no `dockerRepository`"));
    }
}
