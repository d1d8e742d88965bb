//! What a plan reads and writes.

use super::{Builtin, DatabasePlan, Handler, ReadNode, Source, Work, WritePlan};
use crate::{
    request::{
        Mutation,
        media::MediaType,
        prefer::{Representation, Resolution},
    },
    schema::Relationship,
};
use catalog::QualifiedName;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Right {
    Read,
    Insert,
    Update,
    Delete,
}

/// A relation and what is done with it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Touch {
    pub relation: QualifiedName,
    pub right: Right,
}

/// Each relation with each right once.
pub(super) fn of(plan: &DatabasePlan) -> Vec<Touch> {
    let mut found = Vec::new();
    collect(&plan.read, &mut found);
    if let Work::Write { mutation, write } = &plan.work {
        let merges = plan.preferences.resolution == Some(Resolution::MergeDuplicates);
        let rights: &[Right] = match mutation {
            Mutation::Insert if merges => &[Right::Insert, Right::Update],
            Mutation::Insert => &[Right::Insert],
            Mutation::Update => &[Right::Update],
            Mutation::Upsert => &[Right::Insert, Right::Update],
            Mutation::Delete => &[Right::Delete],
        };
        let answers = matches!(
            plan.preferences.representation,
            Some(Representation::Full | Representation::HeadersOnly)
        );
        let reads = answers || tells_of_rows(plan, write);
        let rights = rights.iter().copied().chain(reads.then_some(Right::Read));
        found.extend(rights.map(|right| Touch { relation: write.relation.clone(), right }));
    }
    found.sort();
    found.dedup();
    found
}

/// Which rows a condition fits, and how many there are, is something that stands in them.
fn tells_of_rows(plan: &DatabasePlan, write: &WritePlan) -> bool {
    let Work::Write { mutation: Mutation::Update | Mutation::Delete, .. } = plan.work else {
        return false;
    };
    let is_singular = matches!(plan.handler, Handler::Builtin(Builtin::Object { .. }))
        || matches!(plan.media, MediaType::Object { .. });
    !write.filters.is_empty() || plan.preferences.max_affected.is_some() || is_singular
}

fn collect(node: &ReadNode, found: &mut Vec<Touch>) {
    if let Source::Relation(relation) = &node.from {
        found.push(Touch { relation: relation.clone(), right: Right::Read });
    }
    if let Some(link) = &node.link {
        let junction = link.relationship.junction().map(|junction| &junction.table);
        let target = match &link.relationship {
            Relationship::Computed { foreign_table, .. } => Some(foreign_table),
            Relationship::Keyed { .. } => None,
        };
        found.extend(
            junction
                .into_iter()
                .chain(target)
                .map(|relation| Touch { relation: relation.clone(), right: Right::Read }),
        );
    }
    node.children.iter().for_each(|child| collect(child, found));
}
