//! A project's page as JSON (PEP 691, with the sizes of PEP 700).

use std::collections::HashMap;

use serde::Deserialize;

#[derive(Deserialize)]
pub(super) struct Page {
    #[serde(default)]
    meta: Meta,
    pub files: Vec<File>,
}

#[derive(Default, Deserialize)]
struct Meta {
    #[serde(rename = "api-version")]
    api_version: Option<String>,
}

/// One file.
#[derive(Deserialize)]
pub(super) struct File {
    pub filename: String,
    pub url: String,
    #[serde(default)]
    pub hashes: HashMap<String, String>,
    #[serde(rename = "requires-python")]
    pub requires_python: Option<String>,
    yanked: Option<serde_json::Value>,
    pub size: Option<u64>,
}

impl File {
    /// Whether it is yanked: `true`, or a reason.
    pub fn is_yanked(&self) -> bool {
        match &self.yanked {
            Some(serde_json::Value::Bool(yanked)) => *yanked,
            Some(serde_json::Value::String(reason)) => !reason.is_empty(),
            _ => false,
        }
    }
}

/// Reads a page. The error is what is wrong with it.
pub(super) fn parse(text: &[u8]) -> Result<Page, String> {
    let page: Page = serde_json::from_slice(text).map_err(|error| error.to_string())?;
    match page.meta.api_version.as_deref() {
        Some(version) if !version.starts_with("1.") => Err(format!("its `api-version` is {version}, and 1 is known")),
        _ => Ok(page),
    }
}
