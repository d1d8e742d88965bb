//! Turning rows into a body.

use super::{Place, Sql, read::relation};
use crate::{
    plan::{Builtin, Handler},
    schema::{HandlerTarget, Routine},
};

impl Sql {
    /// The body of all rows, which are called `_postgrest_t`.
    pub(super) fn body(&mut self, handler: &Handler, routine: Option<&Routine>) -> &mut Self {
        let is_scalar = routine.is_some_and(Routine::returns_scalar);
        match handler {
            Handler::Nothing => self.word("''::text"),
            Handler::Builtin(Builtin::Csv) => self.csv(),
            Handler::Builtin(Builtin::GeoJson) => self.word(
                "json_build_object('type', 'FeatureCollection', 'features', \
                 coalesce(json_agg(ST_AsGeoJSON(_postgrest_t)::json), '[]'))",
            ),
            Handler::Builtin(Builtin::Object { strips_nulls }) => {
                self.json(is_scalar, true, *strips_nulls)
            }
            Handler::Builtin(Builtin::Json { strips_nulls }) => {
                let is_of_scalars =
                    is_scalar || routine.is_some_and(Routine::returns_set_of_scalar);
                let is_one = is_scalar || routine.is_some_and(Routine::returns_single_composite);
                self.json(is_of_scalars, is_one, *strips_nulls)
            }
            Handler::Custom { function, .. } if is_scalar => {
                self.qualified(function).word("(_postgrest_t.pgrst_scalar)")
            }
            Handler::Custom { function, target: HandlerTarget::AnyElement } => {
                self.qualified(function).word("(_postgrest_t)")
            }
            Handler::Custom { function, target: HandlerTarget::Named(target) } => {
                self.qualified(function).word("(_postgrest_t::").place(&relation(target)).word(")")
            }
        }
    }

    fn json(&mut self, is_of_scalars: bool, is_one: bool, strips_nulls: bool) -> &mut Self {
        self.word(if strips_nulls { "coalesce(json_strip_nulls(" } else { "coalesce(" });
        self.word(match is_of_scalars {
            true => "json_agg(_postgrest_t.pgrst_scalar)",
            false => "json_agg(_postgrest_t)",
        });
        self.word(if is_one { "->0" } else { "" });
        self.word(if strips_nulls { ")" } else { "" });
        self.word(if is_one { ", 'null')" } else { ", '[]')" })
    }

    /// The names of the first row's columns, then a line for each row.
    fn csv(&mut self) -> &mut Self {
        self.word(
            "(SELECT coalesce(string_agg(a.k, ','), '') FROM (SELECT json_object_keys(r)::text AS k \
             FROM (SELECT row_to_json(hh) AS r FROM pgrst_source AS hh LIMIT 1) s) a) || chr(10) || \
             coalesce(string_agg(substring(_postgrest_t::text, 2, length(_postgrest_t::text) - 2), chr(10)), '')",
        )
    }

    /// Where a single new row can be read, as pairs of a key column and what it is equal to.
    pub(super) fn location(&mut self, primary_key: &[String]) -> &mut Self {
        if primary_key.is_empty() {
            return self.word("null::json");
        }
        self.word(
            "CASE WHEN pg_catalog.count(_postgrest_t) = 1 THEN (WITH data AS \
             (SELECT row_to_json(_) AS row FROM pgrst_source AS _ LIMIT 1) \
             SELECT json_agg(json_build_array(json_data.key, coalesce('eq.' || json_data.value, 'is.null'))) \
             FROM data CROSS JOIN json_each_text(data.row) AS json_data WHERE json_data.key IN (",
        );
        self.each(primary_key, ", ", |sql, column| {
            sql.catalog_literal(column);
        });
        self.word(")) END")
    }

    /// A setting that SQL may have made for the answer.
    pub(super) fn setting(&mut self, name: &'static str) -> &mut Self {
        self.word("nullif(current_setting('").word(name).word("', true), '')")
    }

    /// Rows of a part of the statement.
    pub(super) fn alias(name: &str) -> Place {
        Place::Alias(name.to_owned())
    }
}
