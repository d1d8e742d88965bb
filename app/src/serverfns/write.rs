//! Writing: a new row, one cell, a row gone.

use crate::error::ConsoleError;
use api_types::{
    ClientName, RecordKey,
    console::{Cell, FieldValue},
};
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

/// A field as a form sends it, with or without scripts.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FormField {
    pub column: String,
    /// `text`, `null` or `default`.
    #[serde(default)]
    pub kind: String,
    #[serde(default)]
    pub text: String,
}

#[cfg(feature = "ssr")]
impl FormField {
    /// What was meant. Text that was typed wins over a choice left standing.
    pub fn input(self) -> api_types::console::FieldInput {
        let value = match self.kind.as_str() {
            "null" if self.text.is_empty() => FieldValue::Null,
            "default" if self.text.is_empty() => FieldValue::Default,
            _ => FieldValue::Text(self.text),
        };
        api_types::console::FieldInput { column: self.column, value }
    }
}

/// Make a row and open it.
#[server(prefix = "/console/fn", endpoint = "create")]
pub async fn create_record(
    client: ClientName,
    resource: String,
    #[server(default)] fields: Vec<FormField>,
) -> Result<(), ConsoleError> {
    let fields = fields.into_iter().map(FormField::input).collect();
    let key = crate::port::console().await?.create(&client, &resource, fields).await?;
    leptos_axum::redirect(&match key {
        Some(key) => crate::links::record(&client, &resource, &key),
        None => crate::links::list(&client, &resource),
    });
    Ok(())
}

/// Change one cell; what the database now holds comes back.
#[server(prefix = "/console/fn", endpoint = "update_cell", input = server_fn::codec::Json)]
pub async fn update_cell(
    client: ClientName,
    resource: String,
    key: RecordKey,
    column: String,
    value: FieldValue,
) -> Result<Cell, ConsoleError> {
    let console = crate::port::console().await?;
    Ok(console.update_cell(&client, &resource, &key, &column, value).await?)
}

/// Delete a row and go back to its list.
#[server(prefix = "/console/fn", endpoint = "delete")]
pub async fn delete_record(
    client: ClientName,
    resource: String,
    key: RecordKey,
) -> Result<(), ConsoleError> {
    crate::port::console().await?.delete(&client, &resource, &key).await?;
    leptos_axum::redirect(&crate::links::list(&client, &resource));
    Ok(())
}

#[cfg(all(test, feature = "ssr"))]
mod tests {
    use super::*;

    fn meant(kind: &str, text: &str) -> FieldValue {
        let field =
            FormField { column: "a".to_owned(), kind: kind.to_owned(), text: text.to_owned() };
        field.input().value
    }

    #[test]
    fn null_empty_and_default_are_three_choices() {
        assert_eq!(meant("null", ""), FieldValue::Null);
        assert_eq!(meant("text", ""), FieldValue::Text(String::new()));
        assert_eq!(meant("default", ""), FieldValue::Default);
    }

    #[test]
    fn typed_text_wins_over_a_choice_left_standing() {
        assert_eq!(meant("default", "x"), FieldValue::Text("x".to_owned()));
        assert_eq!(meant("null", "x"), FieldValue::Text("x".to_owned()));
    }
}
