//! The same plan about the tables that its resources stand for.

use super::{
    ConflictPlan, EmbedPlan, Junction, OutputColumn, Plan, PlannedBounds, PlannedFilter,
    PlannedOrder, Returning,
};
use catalog::{Binding, Column, Ident, SchemaCache, Table};
use std::sync::Arc;

impl Plan {
    /// The plan with remote names, where any of its tables is a resource. Answers are built by the
    /// plan as it was asked: members keep the names they have there.
    pub fn bound(&self, cache: &SchemaCache) -> Option<Self> {
        if cache.bindings().is_empty() {
            return None;
        }
        let mut relations = self.relations().into_iter();
        relations.any(|table| cache.binding(&table.name).is_some()).then(|| {
            let mut bound = self.clone();
            Bound { cache }.plan(&mut bound);
            bound
        })
    }
}

struct Bound<'a> {
    cache: &'a SchemaCache,
}

/// What one table's names mean; without a binding, themselves.
#[derive(Clone, Copy)]
struct Names<'a>(Option<&'a Binding>);

impl Bound<'_> {
    fn names(&self, table: &Table) -> Names<'_> {
        Names(self.cache.binding(&table.name).map(Arc::as_ref))
    }

    fn plan(&self, plan: &mut Plan) {
        match plan {
            Plan::Read(plan) => {
                let names = self.names(&plan.table);
                names.table(&mut plan.table);
                names.output(&mut plan.columns);
                names.filter(&mut plan.filter);
                names.order(&mut plan.order);
                self.embeds(names, &mut plan.embeds);
            }
            Plan::Insert(plan) => {
                let names = self.names(&plan.table);
                names.table(&mut plan.table);
                plan.columns.iter_mut().for_each(|column| names.column(column));
                plan.on_conflict.iter_mut().for_each(|conflict| names.conflict(conflict));
                self.returning(names, &mut plan.returning);
            }
            Plan::Update(plan) => {
                let names = self.names(&plan.table);
                names.table(&mut plan.table);
                plan.set.iter_mut().for_each(|(column, _)| names.column(column));
                names.filter(&mut plan.filter);
                plan.bounds.iter_mut().for_each(|bounds| names.bounds(bounds));
                self.returning(names, &mut plan.returning);
            }
            Plan::Delete(plan) => {
                let names = self.names(&plan.table);
                names.table(&mut plan.table);
                names.filter(&mut plan.filter);
                plan.bounds.iter_mut().for_each(|bounds| names.bounds(bounds));
                self.returning(names, &mut plan.returning);
            }
        }
    }

    fn returning(&self, names: Names<'_>, returning: &mut Returning) {
        names.output(&mut returning.columns);
        self.embeds(names, &mut returning.embeds);
    }

    fn embeds(&self, outer: Names<'_>, embeds: &mut [EmbedPlan]) {
        for embed in embeds {
            let inner = self.names(&embed.table);
            inner.table(&mut embed.table);
            pairs(&mut embed.on, outer, inner);
            if let Some(Junction { table, outer: before, inner: behind }) = &mut embed.junction {
                let between = self.names(table);
                between.table(table);
                pairs(before, outer, between);
                pairs(behind, between, inner);
            }
            inner.output(&mut embed.columns);
            inner.filter(&mut embed.filter);
            inner.order(&mut embed.order);
            self.embeds(inner, &mut embed.embeds);
        }
    }
}

fn pairs(pairs: &mut [(Ident, Ident)], left: Names<'_>, right: Names<'_>) {
    for (one, other) in pairs {
        left.ident(one);
        right.ident(other);
    }
}

impl Names<'_> {
    fn ident(self, name: &mut Ident) {
        if let Some(binding) = self.0 {
            *name = binding.column(name).clone();
        }
    }

    fn table(self, table: &mut Arc<Table>) {
        if let Some(binding) = self.0 {
            *table = Arc::clone(&binding.table);
        }
    }

    fn column(self, column: &mut Column) {
        self.ident(&mut column.name);
    }

    /// Only where it comes from: the member is called as it was asked for.
    fn output(self, columns: &mut [OutputColumn]) {
        columns.iter_mut().for_each(|column| self.ident(&mut column.name));
    }

    fn order(self, order: &mut [PlannedOrder]) {
        order.iter_mut().for_each(|term| self.column(&mut term.column));
    }

    fn bounds(self, bounds: &mut PlannedBounds) {
        bounds.key.iter_mut().for_each(|key| self.ident(key));
        self.order(&mut bounds.order);
    }

    fn conflict(self, conflict: &mut ConflictPlan) {
        conflict.columns.iter_mut().for_each(|column| self.ident(column));
        conflict.set.iter_mut().for_each(|(column, _)| self.column(column));
    }

    fn filter(self, filter: &mut PlannedFilter) {
        match filter {
            PlannedFilter::All | PlannedFilter::Never => {}
            PlannedFilter::And(filters) | PlannedFilter::Or(filters) => {
                filters.iter_mut().for_each(|filter| self.filter(filter));
            }
            PlannedFilter::Not(inner) | PlannedFilter::Cast { filter: inner, .. } => {
                self.filter(inner);
            }
            PlannedFilter::Compare { column, .. }
            | PlannedFilter::IsNull { column, .. }
            | PlannedFilter::IsBool { column, .. }
            | PlannedFilter::Among { column, .. } => self.column(column),
        }
    }
}

#[cfg(test)]
mod tests;
