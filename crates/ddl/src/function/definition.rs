//! A function as it is wanted, and the statement that makes it.

use super::shown_signature;
use crate::{
    Policy,
    error::{DdlError, shown},
    expression::Expression,
    sql::{Sql, Statement},
    type_name::TypeName,
};
use catalog::{Ident, QualifiedName};

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Function {
    pub(super) name: QualifiedName,
    pub(super) arguments: Vec<Argument>,
    pub(super) returns: Option<Returns>,
    pub(super) language: Ident,
    pub(super) body: String,
    /// Fixed words: `STABLE`, `STRICT`, `PARALLEL SAFE`.
    pub(super) traits: Vec<&'static str>,
    /// `COST` and `ROWS`.
    pub(super) estimates: Vec<(&'static str, i64)>,
    pub(super) is_security_definer: bool,
    pub(super) settings: Vec<(Ident, Vec<String>)>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Argument {
    /// `IN `, `OUT `, `INOUT `, `VARIADIC `
    pub(super) mode: &'static str,
    pub(super) name: Option<Ident>,
    pub(super) data_type: TypeName,
    pub(super) default: Option<Expression>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Returns {
    One(TypeName),
    Set(TypeName),
    Table(Vec<(Ident, TypeName)>),
}

impl Function {
    pub(super) fn check(&self, policy: &Policy) -> Result<(), DdlError> {
        let language = self.language.as_str();
        if !policy.languages.iter().any(|allowed| allowed == language) {
            return Err(DdlError::NotAllowed {
                path: "language".to_owned(),
                value: shown(language),
                allowed: policy.languages.clone(),
            });
        }
        if self.is_security_definer && !policy.security_definer {
            return Err(DdlError::SecurityDefiner);
        }
        // Else whoever calls it decides what the names in its body mean.
        let has_path = self.settings.iter().any(|(name, _)| name.as_str() == "search_path");
        if self.is_security_definer && !has_path {
            let reason = "a function with SECURITY DEFINER needs SET search_path".to_owned();
            return Err(DdlError::Unreadable { path: "ddl".to_owned(), reason });
        }
        Ok(())
    }

    pub(super) fn signature(&self) -> String {
        let inputs = self.arguments.iter().filter(|argument| argument.mode != "OUT ");
        let types: Vec<TypeName> = inputs.map(|argument| argument.data_type.clone()).collect();
        shown_signature(&self.name, &types)
    }

    pub(super) fn sql(&self) -> Statement {
        let mut sql = Sql::new("CREATE OR REPLACE FUNCTION ");
        sql.name(&self.name).words("(");
        sql.list(&self.arguments, |sql, argument| argument.write(sql)).words(")");
        match &self.returns {
            None => {}
            Some(Returns::One(one)) => one.write(sql.words(" RETURNS ")),
            Some(Returns::Set(one)) => one.write(sql.words(" RETURNS SETOF ")),
            Some(Returns::Table(columns)) => {
                sql.words(" RETURNS TABLE (").list(columns, |sql, (name, data_type)| {
                    data_type.write(sql.ident(name).words(" "));
                });
                sql.words(")");
            }
        }
        sql.words(" LANGUAGE ").ident(&self.language);
        for words in &self.traits {
            sql.words(" ").words(words);
        }
        for (words, number) in &self.estimates {
            sql.words(words).integer(*number);
        }
        sql.words_if(self.is_security_definer, " SECURITY DEFINER");
        for (name, values) in &self.settings {
            sql.words(" SET ").ident(name).words(" TO ");
            sql.list(values, |sql, value| {
                sql.text(value);
            });
        }
        sql.words(" AS ").text(&self.body);
        sql.finish()
    }
}

impl Argument {
    fn write(&self, sql: &mut Sql) {
        sql.words(self.mode);
        if let Some(name) = &self.name {
            sql.ident(name).words(" ");
        }
        self.data_type.write(sql);
        if let Some(default) = &self.default {
            sql.words(" DEFAULT ");
            default.write(sql);
        }
    }
}
