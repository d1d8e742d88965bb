//! The overload that a call means.

use crate::schema::{
    Parameter, Routine, RoutineCall, SchemaCache, SchemaError, SinglePayload, fuzzy,
};
use catalog::Ident;

impl SchemaCache {
    /// Overloads that take the named arguments win over those that take the body whole.
    pub fn find_routine(&self, call: &RoutineCall<'_>) -> Result<&Routine, SchemaError> {
        let overloads = self.overloads(call.schema, call.name);
        let named = overloads.iter().filter(|routine| takes_arguments(routine, call));
        let found = match named.collect::<Vec<_>>() {
            none if none.is_empty() => {
                let whole = overloads.iter().filter(|routine| takes_body(routine, call.payload));
                whole.filter(|routine| !takes_arguments(routine, call)).collect()
            }
            some => some,
        };
        match found.as_slice() {
            [] => Err(self.no_routine(call, overloads)),
            [one] => Ok(one),
            _ => Err(SchemaError::AmbiguousRoutine { found: found.into_iter().cloned().collect() }),
        }
    }

    fn no_routine(&self, call: &RoutineCall<'_>, overloads: &[Routine]) -> SchemaError {
        SchemaError::NoRoutine {
            schema: call.schema.to_owned(),
            name: call.name.to_owned(),
            arguments: call.arguments.iter().map(|&argument| argument.to_owned()).collect(),
            payload: call.payload,
            suggestion: if is_whole_body(call.payload) {
                None
            } else {
                self.meant(call, overloads)
            },
        }
    }

    /// Another name where this one is unknown, else other parameters.
    fn meant(&self, call: &RoutineCall<'_>, overloads: &[Routine]) -> Option<String> {
        if overloads.is_empty() {
            let names = self.routine_names(call.schema).map(Ident::as_str);
            return fuzzy::best(names, call.name, fuzzy::CLOSE).map(str::to_owned);
        }
        let lists: Vec<String> = overloads.iter().map(|routine| list(names_of(routine))).collect();
        let asked = list(call.arguments.iter().copied());
        let meant = fuzzy::best(lists.iter().map(String::as_str), &asked, fuzzy::LIKELY)?;
        Some(format!("{}{meant}", call.name))
    }

    fn routine_names(&self, schema: &str) -> impl Iterator<Item = &Ident> {
        self.schemas.get(schema).into_iter().flat_map(|exposed| exposed.routines.keys())
    }
}

fn is_whole_body(payload: SinglePayload) -> bool {
    matches!(payload, SinglePayload::Text | SinglePayload::Xml | SinglePayload::Bytes)
}

fn names_of(routine: &Routine) -> impl Iterator<Item = &str> {
    routine.parameters.iter().map(name_of)
}

fn name_of(parameter: &Parameter) -> &str {
    parameter.name.as_ref().map_or("", Ident::as_str)
}

fn list<'n>(names: impl Iterator<Item = &'n str>) -> String {
    let mut names: Vec<&str> = names.collect();
    names.sort_unstable();
    format!("({})", names.join(", "))
}

/// Every required parameter has its argument, and every argument its parameter.
fn takes_arguments(routine: &Routine, call: &RoutineCall<'_>) -> bool {
    if routine.parameters.is_empty() {
        return call.arguments.is_empty() && !is_whole_body(call.payload);
    }
    let required = routine.parameters.iter().filter(|parameter| parameter.is_required);
    let known = |argument: &&str| names_of(routine).any(|name| name == *argument);
    required.map(name_of).all(|name| call.arguments.contains(name))
        && call.arguments.iter().all(known)
}

/// The body is the argument of the one parameter, which has no name.
fn takes_body(routine: &Routine, payload: SinglePayload) -> bool {
    let [Parameter { name: None, data_type, .. }] = routine.parameters.as_slice() else {
        return false;
    };
    match payload {
        SinglePayload::No => false,
        SinglePayload::Json => data_type == "json" || data_type == "jsonb",
        SinglePayload::Text => data_type == "text",
        SinglePayload::Xml => data_type == "xml",
        SinglePayload::Bytes => data_type == "bytea",
    }
}
