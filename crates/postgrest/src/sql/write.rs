//! Changing rows, from a body that the database reads itself.

use super::{Param, Sql, read::relation};
use crate::{
    plan::{Column, WritePlan},
    request::{Mutation, prefer::Resolution},
};
use bytes::Bytes;

/// What is taken from a JSON body.
pub(super) struct FromBody<'p> {
    pub(super) body: &'p Bytes,
    pub(super) columns: &'p [Column],
    /// Of an array, the first element only.
    pub(super) is_single: bool,
    pub(super) applies_defaults: bool,
}

impl Sql {
    pub(super) fn write(&mut self, mutation: Mutation, plan: &WritePlan) -> &mut Self {
        match mutation {
            Mutation::Insert | Mutation::Upsert => self.insert(mutation, plan),
            Mutation::Update => self.update(plan),
            Mutation::Delete => {
                self.word("DELETE FROM ").target(&plan.relation);
                self.filtered(plan).returning(plan)
            }
        }
        .written()
    }

    fn insert(&mut self, mutation: Mutation, plan: &WritePlan) -> &mut Self {
        let merges = matches!(plan.conflict, Some((Resolution::MergeDuplicates, _)));
        self.word("INSERT INTO ").target(&plan.relation);
        if !plan.columns.is_empty() {
            self.word("(").each(&plan.columns, ", ", |sql, column| {
                sql.target_column(&plan.relation, &column.name);
            });
            self.word(")");
        }
        let body = Self::alias("pgrst_body");
        self.word(" SELECT ").each(&plan.columns, ", ", |sql, column| {
            sql.column(&body, &column.name);
        });
        self.read_body(&plan.given());
        let mut word = " WHERE ";
        if merges {
            self.word(std::mem::replace(&mut word, " AND ")).counts_insert(true);
        }
        if mutation == Mutation::Upsert {
            for filter in &plan.filters {
                self.word(std::mem::replace(&mut word, " AND ")).logic(&body, filter);
            }
        }
        self.on_conflict(plan).returning(plan)
    }

    fn on_conflict(&mut self, plan: &WritePlan) -> &mut Self {
        let Some((resolution, columns)) = &plan.conflict else { return self };
        if columns.is_empty() {
            return self;
        }
        self.word(" ON CONFLICT(").each(columns, ", ", |sql, column| {
            sql.target_column(&plan.relation, column);
        });
        if *resolution == Resolution::IgnoreDuplicates || plan.columns.is_empty() {
            return self.word(") DO NOTHING");
        }
        self.word(") DO UPDATE SET ").each(&plan.columns, ", ", |sql, column| {
            sql.target_column(&plan.relation, &column.name).word(" = EXCLUDED.");
            sql.target_column(&plan.relation, &column.name);
        });
        self.word(" WHERE ").counts_insert(false)
    }

    /// True, and a counter that tells how many rows were new: each counts up, each that was there
    /// already counts down again.
    fn counts_insert(&mut self, up: bool) -> &mut Self {
        self.word("set_config('pgrst.inserted', (coalesce(").setting("pgrst.inserted");
        self.word(match up {
            true => "::int, 0) + 1)::text, true) <> '0'",
            false => "::int, 0) - 1)::text, true) <> '-1'",
        })
    }

    fn update(&mut self, plan: &WritePlan) -> &mut Self {
        if plan.columns.is_empty() {
            // Nothing to set: no row, but with the columns that the answer is made of.
            self.word("SELECT ");
            if plan.returning.is_empty() {
                self.word("NULL");
            }
            let place = Self::alias(plan.relation.name.as_str());
            let is_bound = self.is_bound(&plan.relation);
            self.each(&plan.returning, ", ", |sql, column| {
                sql.column(&place, column);
            });
            self.word(" FROM ").source(&plan.relation);
            if is_bound {
                self.word(" AS ").ident(plan.relation.name.as_str());
            }
            return self.word(" WHERE false");
        }
        let body = Self::alias("pgrst_body");
        self.word("UPDATE ").target(&plan.relation).word(" SET ");
        self.each(&plan.columns, ", ", |sql, column| {
            sql.target_column(&plan.relation, &column.name).word(" = ").column(&body, &column.name);
        });
        self.read_body(&plan.given()).filtered(plan).returning(plan)
    }

    fn filtered(&mut self, plan: &WritePlan) -> &mut Self {
        let place = relation(&plan.relation);
        let mut word = " WHERE ";
        for filter in &plan.filters {
            self.word(std::mem::replace(&mut word, " AND ")).logic(&place, filter);
        }
        self
    }

    fn returning(&mut self, plan: &WritePlan) -> &mut Self {
        if plan.returning.is_empty() {
            return self.word(" RETURNING 1");
        }
        self.word(" RETURNING ").each(&plan.returning, ", ", |sql, column| {
            sql.returned(&plan.relation, column);
        })
    }

    /// ` FROM … pgrst_body`, a row for each object of the body.
    pub(super) fn read_body(&mut self, from: &FromBody<'_>) -> &mut Self {
        let is_object = looks_like_object(from.body);
        let json = if from.applies_defaults { "::jsonb" } else { "::json" };
        self.word(" FROM (SELECT ").value(Param::Json(from.body.clone())).word(json);
        self.word(" AS json_data) pgrst_payload, ");
        if from.applies_defaults {
            self.with_defaults(from.columns, is_object);
        }
        self.word("LATERAL (SELECT ").each(from.columns, ", ", |sql, column| {
            if let Some(function) = &column.transform {
                sql.catalog(function).word("(").ident(&column.name).word(") AS ");
            }
            sql.ident(&column.name);
        });
        self.word(" FROM ").rows_of_body(from, is_object).word(") pgrst_body")
    }

    fn rows_of_body(&mut self, from: &FromBody<'_>, is_object: bool) -> &mut Self {
        let data =
            if from.applies_defaults { "pgrst_json_defs.val" } else { "pgrst_payload.json_data" };
        if from.columns.is_empty() {
            return match (is_object, from.applies_defaults) {
                (true, _) => self.word("(values(1)) _"),
                (false, true) => self.word("jsonb_array_elements(").word(data).word(") _"),
                (false, false) => self.word("json_array_elements(").word(data).word(") _"),
            };
        }
        self.word(match (is_object, from.applies_defaults) {
            (true, true) => "jsonb_to_record(",
            (true, false) => "json_to_record(",
            (false, true) => "jsonb_to_recordset(",
            (false, false) => "json_to_recordset(",
        });
        self.word(data).word(") AS _(").each(from.columns, ", ", |sql, column| {
            sql.ident(&column.name).word(" ");
            sql.catalog(column.type_name.as_deref().unwrap_or("text"));
        });
        self.word(if from.is_single { ") LIMIT 1" } else { ")" })
    }

    /// The body's members on top of the columns' defaults.
    fn with_defaults(&mut self, columns: &[Column], is_object: bool) -> &mut Self {
        let defaults = |sql: &mut Self| {
            let with =
                columns.iter().filter_map(|column| Some((&column.name, column.default.as_ref()?)));
            sql.word("jsonb_build_object(").each(with, ", ", |sql, (name, default)| {
                sql.catalog_literal(name).word(", ").catalog(default);
            });
            sql.word(")");
        };
        if is_object {
            self.word("LATERAL (SELECT ");
            defaults(self);
            return self.word(" || pgrst_payload.json_data AS val) pgrst_json_defs, ");
        }
        self.word("LATERAL (SELECT jsonb_agg(");
        defaults(self);
        self.word(
            " || elem) AS val FROM jsonb_array_elements(pgrst_payload.json_data) elem) pgrst_json_defs, ",
        )
    }
}

impl WritePlan {
    fn given(&self) -> FromBody<'_> {
        FromBody {
            body: &self.body,
            columns: &self.columns,
            is_single: false,
            applies_defaults: self.applies_defaults,
        }
    }
}

/// The database checks that it is one.
fn looks_like_object(body: &[u8]) -> bool {
    body.iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b'{')
}
