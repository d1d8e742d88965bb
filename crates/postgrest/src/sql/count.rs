//! Counting the rows of the root, whatever part of them is asked for.

use super::{Place, Sql, filter, read::joined_by};
use crate::{
    plan::{LogicTree, ReadNode},
    request::Join,
};

impl Sql {
    /// `SELECT 1` for each row. Embeds matter only where the root needs them.
    pub(super) fn counted(&mut self, node: &ReadNode) -> &mut Self {
        let place = node.place();
        self.word("SELECT 1").from(node);
        let mut word = " WHERE ";
        for tree in &node.filters {
            self.word(std::mem::replace(&mut word, " AND ")).counted_logic(node, &place, tree);
        }
        for (one, other) in joined_by(node) {
            self.word(std::mem::replace(&mut word, " AND "));
            self.column(&one.0, &one.1).word(" = ").column(&other.0, &other.1);
        }
        for child in &node.children {
            if child.link.as_ref().is_some_and(|link| link.join == Some(Join::Inner)) {
                self.word(std::mem::replace(&mut word, " AND "));
                self.word("EXISTS (").counted(child).word(")");
            }
        }
        self
    }

    fn counted_logic(&mut self, node: &ReadNode, place: &Place, tree: &LogicTree) -> &mut Self {
        match tree {
            LogicTree::Filter(one) => self.filter(place, one),
            LogicTree::Embed { is_present, alias } => {
                let child = node.children.iter().find(|child| {
                    child.link.as_ref().is_some_and(|link| link.join_alias == *alias)
                });
                self.word(if *is_present { "EXISTS (" } else { "NOT EXISTS (" });
                match child {
                    Some(child) => self.counted(child),
                    None => self.word("SELECT 1 WHERE FALSE"),
                };
                self.word(")")
            }
            LogicTree::Group { is_negated, connective, members } => {
                self.word(if *is_negated { "NOT (" } else { "(" });
                self.each(members, filter::between(*connective), |sql, member| {
                    sql.counted_logic(node, place, member);
                })
                .word(")")
            }
        }
    }
}
