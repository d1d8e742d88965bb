//! What is read: a tree of relations, each joined to the one above it.

use super::{
    embed,
    fields::{Columns, LogicTree, PlannedField, PlannedOrder},
    mentioned, orders, spread,
    spread::Output,
};
use crate::{
    RestConfig, RestError,
    request::{Action, EmbedPath, Join, Request, range::Range},
    schema::{Relationship, SchemaCache},
    sql::Place,
};
use catalog::QualifiedName;

/// Where rows come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Source {
    Relation(QualifiedName),
    /// What a change or a routine answered.
    Answered,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct ReadNode {
    pub(crate) from: Source,
    /// The relation whose columns these are, wherever the rows come from.
    pub(crate) relation: QualifiedName,
    pub(crate) alias: Option<String>,
    pub(crate) select: Vec<PlannedField>,
    pub(crate) filters: Vec<LogicTree>,
    pub(crate) order: Vec<PlannedOrder>,
    pub(crate) range: Range,
    /// None at the root.
    pub(crate) link: Option<Link>,
    pub(crate) children: Vec<ReadNode>,
}

/// How an embed hangs on its parent.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Link {
    /// As the request names it.
    pub(crate) target: String,
    pub(crate) alias: Option<String>,
    /// Of the joined subquery.
    pub(crate) join_alias: String,
    pub(crate) parent: Place,
    pub(crate) relationship: Relationship,
    pub(crate) join: Option<Join>,
    pub(crate) is_spread: bool,
    /// What a spread embed gives its parent.
    pub(crate) outputs: Vec<Output>,
}

impl Link {
    /// The member of the parent's row.
    pub(crate) fn name(&self) -> &str {
        self.alias.as_deref().unwrap_or(&self.target)
    }

    pub(crate) fn is_to_one(&self) -> bool {
        self.relationship.is_to_one()
    }
}

impl ReadNode {
    pub(crate) fn place(&self) -> Place {
        match (&self.alias, &self.from) {
            (Some(alias), _) => Place::Alias(alias.clone()),
            (None, Source::Relation(name)) => Place::Relation(name.clone()),
            (None, Source::Answered) => Place::Alias("pgrst_source".to_owned()),
        }
    }

    /// Whether nothing of it is shown: it only decides about its parent.
    pub(crate) fn is_empty(&self) -> bool {
        self.select.is_empty() && self.children.iter().all(Self::is_empty)
    }

    /// Whether every column of the relation is asked for, and nothing else.
    pub(crate) fn is_default(&self) -> bool {
        let [only] = self.select.as_slice() else { return false };
        only.column.is_star() && only.aggregate.is_none() && self.children.is_empty()
    }
}

/// The tree of a request for a relation or a routine's result.
pub(super) fn plan(
    request: &Request,
    cache: &SchemaCache,
    config: &RestConfig,
    relation: QualifiedName,
) -> Result<ReadNode, RestError> {
    mentioned::check(&request.query)?;
    let from = match request.action {
        Action::Read { .. } => Source::Relation(relation.clone()),
        _ => Source::Answered,
    };
    let alias = (from == Source::Answered).then(|| relation.name.as_str().to_owned());
    let mut root = ReadNode {
        from,
        relation,
        alias,
        select: Vec::new(),
        filters: Vec::new(),
        order: Vec::new(),
        range: Range::default(),
        link: None,
        children: Vec::new(),
    };
    embed::fill(&mut root, &request.query.select, cache, &request.schema, 0)?;
    restrict(&mut root, request, cache);
    spread::expand(&mut root, cache);
    orders::add(&mut root, &request.query, cache)?;
    orders::null_filters(&mut root, cache)?;
    spread::aggregates(&mut root, config.aggregates_enabled)?;
    if !matches!(request.action, Action::Write { .. }) {
        cap(&mut root, config.max_rows);
    }
    Ok(root)
}

/// Filters, trees of them, and limits go to the nodes they name.
fn restrict(root: &mut ReadNode, request: &Request, cache: &SchemaCache) {
    let is_write = matches!(request.action, Action::Write { .. });
    // What restricts a change itself is not a filter of what it answers.
    let concerns = |path: &EmbedPath| !(is_write && path.is_empty());
    for (path, filter) in &request.query.filters {
        if let Some(node) = find(root, path).filter(|_| concerns(path)) {
            let filter = Columns::of(cache, &node.relation).filter(filter);
            node.filters.push(LogicTree::Filter(filter));
        }
    }
    for (path, logic) in &request.query.logic {
        if let Some(node) = find(root, path).filter(|_| concerns(path)) {
            let logic = Columns::of(cache, &node.relation).logic(logic);
            node.filters.push(logic);
        }
    }
    for (path, range) in &request.query.ranges {
        if let Some(node) = find(root, path).filter(|_| concerns(path)) {
            node.range = *range;
        }
    }
}

pub(super) fn find<'n>(root: &'n mut ReadNode, path: &EmbedPath) -> Option<&'n mut ReadNode> {
    path.iter().try_fold(root, |node, name| {
        node.children.iter_mut().find(|child| {
            let link = child.link.as_ref();
            link.is_some_and(|link| {
                link.target == *name || link.alias.as_deref() == Some(name.as_str())
            })
        })
    })
}

fn cap(node: &mut ReadNode, max_rows: Option<u64>) {
    node.range = node.range.capped(max_rows);
    node.children.iter_mut().for_each(|child| cap(child, max_rows));
}
