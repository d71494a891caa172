//! Single values: texts, truths, paths, and what lists and tables hold.

use std::path::{Component, Path, PathBuf};

use super::Decoder;
use crate::config::complain;
use crate::config::document::{Entry, Node, Value, ValueType};
use crate::error::Fault;
use crate::host::fs;

/// Keys that start so are comments, as upstream has it.
const COMMENT: &str = "__";

/// How far a relative path may go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reach {
    /// Also out of the ref root: projects and requirements files may be shared by several repositories.
    Anywhere,
    /// The ref root or anything in it.
    WithinRefRoot,
    /// Anything in the ref root but not the ref root itself: what is made here may be moved aside as a whole.
    BelowRefRoot,
}

impl Decoder<'_> {
    pub(super) fn string<'n>(&self, name: &str, node: &'n Node) -> Result<&'n str, Fault> {
        if let Value::String(text) = &node.value {
            return Ok(text);
        }
        let fault = complain::wrong_type(self.source, self.format, name, node, ValueType::String);
        Err(match &node.value {
            Value::Number(text) => fault.hint(format!("write it in quotes: `\"{text}\"`")),
            _ => fault,
        })
    }

    /// A text that says something; space round it is taken off.
    pub(super) fn words(&self, name: &str, node: &Node) -> Result<String, Fault> {
        let text = self.string(name, node)?.trim();
        if text.is_empty() || text.contains(char::is_control) {
            return Err(complain::bad_value(self.source, node.position, name, text, "some text in one line"));
        }
        Ok(text.to_owned())
    }

    pub(super) fn boolean(&self, name: &str, node: &Node) -> Result<bool, Fault> {
        match node.value {
            Value::Boolean(value) => Ok(value),
            _ => Err(complain::wrong_type(self.source, self.format, name, node, ValueType::Boolean)),
        }
    }

    /// A whole number from 0 on.
    pub(super) fn count(&self, name: &str, node: &Node) -> Result<u32, Fault> {
        let Value::Number(text) = &node.value else {
            return Err(complain::wrong_type(self.source, self.format, name, node, ValueType::Number));
        };
        let bad = |_| complain::bad_value(self.source, node.position, name, text, "a whole number from 0 on");
        text.parse().map_err(bad)
    }

    pub(super) fn items<'n>(&self, name: &str, node: &'n Node) -> Result<&'n [Node], Fault> {
        match &node.value {
            Value::Array(items) => Ok(items),
            _ => Err(complain::wrong_type(self.source, self.format, name, node, ValueType::Array)),
        }
    }

    /// The entries of a table that are no comments.
    pub(super) fn entries<'n>(&self, name: &str, node: &'n Node) -> Result<Vec<&'n Entry>, Fault> {
        match &node.value {
            Value::Table(entries) => Ok(entries.iter().filter(|entry| !entry.key.starts_with(COMMENT)).collect()),
            _ => Err(complain::wrong_type(self.source, self.format, name, node, ValueType::Table)),
        }
    }

    /// A relative path, as it is written.
    pub(super) fn path(&self, name: &str, node: &Node, reach: Reach) -> Result<PathBuf, Fault> {
        let text = self.string(name, node)?;
        let normal = fs::normalize(Path::new(text));
        let leaves = matches!(normal.components().next(), Some(Component::ParentDir));
        let expected = match reach {
            _ if text.is_empty() || text.contains('\0') || Path::new(text).is_absolute() => "a relative path",
            Reach::WithinRefRoot if leaves => "a path within the ref root",
            Reach::BelowRefRoot if leaves || normal.as_os_str().is_empty() => "a path below the ref root",
            _ => return Ok(PathBuf::from(text)),
        };
        Err(complain::bad_value(self.source, node.position, name, text, expected))
    }

    /// The name of a file, without a directory.
    pub(super) fn basename(&self, name: &str, node: &Node) -> Result<String, Fault> {
        let text = self.string(name, node)?;
        if text.is_empty() || text == "." || text == ".." || text.contains(['/', '\0']) {
            return Err(complain::bad_value(self.source, node.position, name, text, "a file name without a directory"));
        }
        Ok(text.to_owned())
    }
}
