//! Requests that differ in nothing but the values they compare with: one is read, planned and
//! rendered, the others need only their values put in.
//!
//! That a statement's text does not depend on such a value is not taken on trust. A pattern is made
//! only where other values, put through every stage, gave the same text and just the parameter that
//! was expected.

mod cut;

pub use cut::{Cut, Literal, Members};

use crate::{
    plan::{Plan, PlannedFilter},
    request::Operator,
    statement::{Param, Statement},
};
use std::sync::Arc;

/// Each of them is tried several times.
const MOST_LITERALS: usize = 32;

/// A statement whose parameters are the literals of a body.
#[derive(Debug, Clone, PartialEq)]
pub struct Pattern {
    statement: Statement,
    places: Box<[Place]>,
}

/// What becomes of a literal.
#[derive(Debug, Clone, PartialEq)]
enum Place {
    /// It is this parameter.
    Param(usize),
    /// As the number of a page it decides this parameter: so many rows for each page but the first,
    /// and some more.
    Page { param: usize, size: i64, more: i64 },
    /// The statement is for this one only, as it stands in a body.
    Only(Box<[u8]>),
}

impl Pattern {
    /// From the statement of a body, and those of the same body with one literal changed.
    pub fn learn(
        plan: &Plan,
        statement: &Statement,
        cut: &Cut<'_>,
        mut other: impl FnMut(&[u8]) -> Option<Statement>,
    ) -> Option<Self> {
        if !is_plain(plan) {
            return None;
        }
        let literals = cut.literals();
        if literals.len() > MOST_LITERALS {
            return None;
        }
        let mut places = Vec::with_capacity(literals.len());
        for (at, literal) in literals.iter().enumerate() {
            let with = |probe: Literal<'_>| other(&cut.with(at, probe));
            let place = match literal {
                Literal::Page(page) => paged(statement, *page, with),
                _ => tried(statement, *literal, with).map(Place::Param),
            };
            let place = place.unwrap_or_else(|| Place::Only(literal.written()));
            let param = place.param();
            if param.is_some() && places.iter().any(|other: &Place| other.param() == param) {
                return None;
            }
            places.push(place);
        }
        let varies = places.iter().any(|place| place.param().is_some());
        varies.then(|| Self { statement: statement.clone(), places: places.into() })
    }

    /// Statements of it can be run together by this text.
    pub fn gathered_by(self, text: Option<Arc<str>>) -> Self {
        Self { statement: self.statement.gathered_by(text), ..self }
    }

    /// The statement for these literals, unless one of them is no value for its place.
    pub fn filled(&self, literals: &[Literal<'_>]) -> Option<Statement> {
        if literals.len() != self.places.len() {
            return None;
        }
        let mut params = self.statement.params().to_vec();
        for (literal, place) in literals.iter().zip(&self.places) {
            match place {
                Place::Param(place) => params[*place] = literal.as_param(&params[*place])?,
                Place::Page { param, size, more } => {
                    let Literal::Page(page) = literal else { return None };
                    params[*param] = Param::Int8(passed_over(*page, *size, *more)?);
                }
                Place::Only(one) if literal.written() == *one => {}
                Place::Only(_) => return None,
            }
        }
        Some(self.statement.with_params(params))
    }
}

impl Place {
    fn param(&self) -> Option<usize> {
        match self {
            Self::Param(param) | Self::Page { param, .. } => Some(*param),
            Self::Only(_) => None,
        }
    }
}

fn passed_over(page: i64, size: i64, more: i64) -> Option<i64> {
    page.checked_sub(1)?.checked_mul(size)?.checked_add(more)
}

/// Which parameter the page's number decides, where every number that was tried did so in the same way.
fn paged(
    statement: &Statement,
    page: i64,
    mut with: impl FnMut(Literal<'_>) -> Option<Statement>,
) -> Option<Place> {
    let other = if page == 2 { 3 } else { 2 };
    let made = with(Literal::Page(other))?;
    let param = difference(statement, &made)?;
    let (&Param::Int8(one), &Param::Int8(two)) =
        (&statement.params()[param], &made.params()[param])
    else {
        return None;
    };
    let size = two.checked_sub(one)?.checked_div(other - page)?;
    let more = one.checked_sub(passed_over(page, size, 0)?)?;
    for page in [page, 2, 3, 7, 70_000] {
        let mut params = statement.params().to_vec();
        params[param] = Param::Int8(passed_over(page, size, more)?);
        if with(Literal::Page(page))? != statement.with_params(params) {
            return None;
        }
    }
    Some(Place::Page { param, size, more })
}

/// Which parameter the literal is, where every value that was tried in its place became just that one.
fn tried(
    statement: &Statement,
    literal: Literal<'_>,
    mut with: impl FnMut(Literal<'_>) -> Option<Statement>,
) -> Option<usize> {
    let mut found = None;
    for probe in literal.probes().iter().filter(|probe| **probe != literal) {
        let Some(place) = found else {
            let made = with(*probe)?;
            let place = difference(statement, &made)?;
            let fits = |literal: Literal<'_>, statement: &Statement| {
                let param = &statement.params()[place];
                literal.as_param(param).as_ref() == Some(param)
            };
            if !fits(literal, statement) || !fits(*probe, &made) {
                return None;
            }
            found = Some(place);
            continue;
        };
        // What is no value for the parameter is left to the planner later, too.
        let Some(value) = probe.as_param(&statement.params()[place]) else { continue };
        let mut params = statement.params().to_vec();
        params[place] = value;
        if with(*probe)? != statement.with_params(params) {
            return None;
        }
    }
    found
}

/// Whether values go nowhere but into parameters, as far as the plan tells.
fn is_plain(plan: &Plan) -> bool {
    match plan {
        Plan::Read(plan) => compares_plainly(&plan.filter),
        Plan::Insert(plan) => plan.rows.len() == 1 && plan.on_conflict.is_none(),
        Plan::Update(plan) => plan.bounds.is_none() && compares_plainly(&plan.filter),
        // Which row it was is told from the plan.
        Plan::Delete(_) => false,
    }
}

/// Conditions that do nothing with a value but compare with it.
fn compares_plainly(filter: &PlannedFilter) -> bool {
    match filter {
        PlannedFilter::All
        | PlannedFilter::Never
        | PlannedFilter::IsNull { .. }
        | PlannedFilter::IsBool { .. }
        | PlannedFilter::Among { .. } => true,
        PlannedFilter::And(filters) | PlannedFilter::Or(filters) => {
            filters.iter().all(compares_plainly)
        }
        PlannedFilter::Not(filter) | PlannedFilter::Cast { filter, .. } => compares_plainly(filter),
        PlannedFilter::Compare { operator, .. } => matches!(
            operator,
            Operator::Eq
                | Operator::Neq
                | Operator::Gt
                | Operator::Gte
                | Operator::Lt
                | Operator::Lte
                | Operator::Like
                | Operator::Ilike
        ),
    }
}

/// The one parameter in which two statements differ.
fn difference(one: &Statement, other: &Statement) -> Option<usize> {
    if one.params().len() != other.params().len()
        || one.with_params(Vec::new()) != other.with_params(Vec::new())
    {
        return None;
    }
    let pairs = one.params().iter().zip(other.params());
    let mut differing = pairs.enumerate().filter(|(_, (one, other))| one != other);
    let (place, _) = differing.next()?;
    differing.next().is_none().then_some(place)
}

impl Literal<'_> {
    /// In the form of another value for the same place.
    fn as_param(self, like: &Param) -> Option<Param> {
        Some(match (self, like) {
            (Self::Whole(number) | Self::Offset(number), Param::Int8(_)) => Param::Int8(number),
            (Self::Whole(number), Param::Int4(_)) => Param::Int4(number.try_into().ok()?),
            (Self::Whole(number), Param::Int2(_)) => Param::Int2(number.try_into().ok()?),
            (Self::Whole(number), Param::Text(_)) => Param::Text(number.to_string()),
            (Self::Whole(number), Param::Float8(_)) => {
                Param::Float8(number.to_string().parse().ok()?)
            }
            (Self::Decimal(text), Param::Float8(_)) => Param::Float8(text.parse().ok()?),
            (Self::Decimal(text), Param::Text(_)) => Param::Text(text.to_owned()),
            (Self::Text(text) | Self::Uuid(text), Param::Text(_)) => Param::Text(text.to_owned()),
            (Self::Uuid(text), Param::Uuid(_)) => Param::Uuid(text.parse().ok()?),
            _ => return None,
        })
    }

    /// Values of the same kind, the first of which fit every type that any fits. The others are those
    /// that some planner or renderer treats in a way of its own: numbers at which types end, patterns,
    /// words, and texts that read as something else.
    fn probes(self) -> &'static [Literal<'static>] {
        const WHOLE: &[Literal<'static>] = &[
            Literal::Whole(7),
            Literal::Whole(8),
            Literal::Whole(-1),
            Literal::Whole(0),
            Literal::Whole(70_000),
            Literal::Whole(20_240_131),
            Literal::Whole(3_000_000_000),
            Literal::Whole(9_007_199_254_740_993),
        ];
        const DECIMAL: &[Literal<'static>] = &[
            Literal::Decimal("1.5"),
            Literal::Decimal("2.5"),
            Literal::Decimal("3.0"),
            Literal::Decimal("-0.1"),
            Literal::Decimal("1234567890.125"),
        ];
        const TEXT: &[Literal<'static>] = &[
            Literal::Text("q0 %_*?[a]^"),
            Literal::Text("x"),
            Literal::Text("7"),
            Literal::Text("true"),
            Literal::Text("null"),
            Literal::Text(""),
            Literal::Text("{a,b}"),
            Literal::Text("2024-01-31"),
        ];
        const UUID: &[Literal<'static>] = &[
            Literal::Uuid("6ba7b810-9dad-11d1-80b4-00c04fd430c8"),
            Literal::Uuid("6ba7b811-9dad-11d1-80b4-00c04fd430c8"),
        ];
        const OFFSET: &[Literal<'static>] = &[
            Literal::Offset(1),
            Literal::Offset(7),
            Literal::Offset(70_000),
            Literal::Offset(3_000_000_000),
            Literal::Offset(i64::MAX),
        ];
        match self {
            Self::Whole(_) => WHOLE,
            Self::Decimal(_) => DECIMAL,
            Self::Text(_) => TEXT,
            Self::Uuid(_) => UUID,
            Self::Offset(_) => OFFSET,
            // They are not put into a statement as they are.
            Self::Page(_) => &[],
        }
    }
}

#[cfg(test)]
mod tests;
