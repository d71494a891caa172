//! What a connector says of its configuration.

use serde_json::Value;

use crate::error::{Fault, Kind};

/// The content of a SPEC message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spec(Value);

impl Spec {
    /// The `spec` of a message.
    ///
    /// Fails with [`Kind::Data`] where it has no schema.
    pub fn from_value(value: Value) -> Result<Self, Fault> {
        let has_schema = value.get("connectionSpecification").is_some_and(|it| it.is_object() || it.is_boolean());
        if has_schema {
            return Ok(Self(value));
        }
        let message = "the connector's `spec` has no `connectionSpecification`";
        Err(Fault::new(Kind::Data, message).hint("this is the connector's fault; is it of another version?"))
    }

    /// The JSON Schema of the configuration.
    pub fn connection_specification(&self) -> &Value {
        &self.0["connectionSpecification"]
    }

    /// All of it.
    pub fn value(&self) -> &Value {
        &self.0
    }
}
