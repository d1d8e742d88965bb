//! Functions and procedures, as the catalog has them.

use crate::{Column, DataType, Ident, QualifiedName};
use serde::{Deserialize, Serialize};

/// One function or procedure; overloads are routines of the same name.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Routine {
    pub name: QualifiedName,
    pub kind: RoutineKind,
    /// In order, those that only come back included.
    pub arguments: Vec<Argument>,
    pub returns: Returns,
    pub volatility: Volatility,
    pub comment: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RoutineKind {
    Function,
    Procedure,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Argument {
    /// Without one it cannot be given by name.
    pub name: Option<Ident>,
    pub data_type: DataType,
    pub mode: ArgumentMode,
    pub has_default: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ArgumentMode {
    In,
    Out,
    InOut,
    Variadic,
    /// A column of `RETURNS TABLE`.
    Table,
}

impl ArgumentMode {
    /// Callers give it.
    pub fn goes_in(self) -> bool {
        matches!(self, Self::In | Self::InOut | Self::Variadic)
    }

    /// It is a column of the result.
    pub fn comes_out(self) -> bool {
        matches!(self, Self::Out | Self::InOut | Self::Table)
    }
}

/// What comes back.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Returns {
    pub shape: ReturnShape,
    /// Any number of them, rather than one.
    pub is_set: bool,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReturnShape {
    Nothing,
    Scalar(DataType),
    /// A composite type's columns, or those the signature names.
    Row(Vec<Column>),
    /// `record`: its columns are known only when it is called.
    Record,
}

/// What the routine promises about its effects.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Volatility {
    Immutable,
    Stable,
    /// May change anything.
    Volatile,
}

impl Routine {
    /// What callers give, in order.
    pub fn inputs(&self) -> impl Iterator<Item = &Argument> {
        self.arguments.iter().filter(|argument| argument.mode.goes_in())
    }

    pub fn input(&self, name: &str) -> Option<&Argument> {
        self.inputs().find(|argument| argument.is_called(name))
    }

    /// `name type, …` as people write it.
    pub fn signature(&self) -> String {
        let inputs = self.inputs().map(|argument| {
            let name = argument.name.as_ref().map_or("", Ident::as_str);
            let default = if argument.has_default { " = default" } else { "" };
            format!("{name} {}{default}", argument.data_type.sql).trim_start().to_owned()
        });
        format!("{}({})", self.name, inputs.collect::<Vec<_>>().join(", "))
    }
}

impl Argument {
    pub fn is_called(&self, name: &str) -> bool {
        self.name.as_ref().is_some_and(|known| known.as_str() == name)
    }
}
