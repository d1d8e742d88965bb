//! How relations relate: through keys, through a table between them, or through a routine.

use catalog::{Ident, QualifiedName};

/// A way from one relation to another. The order of fields is the order in which errors list them.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Relationship {
    /// Found through foreign keys, those of views included.
    Keyed {
        table: QualifiedName,
        foreign_table: QualifiedName,
        /// A relation that refers to itself.
        is_self: bool,
        cardinality: Cardinality,
        table_is_view: bool,
        foreign_table_is_view: bool,
    },
    /// A routine that takes a row of one relation and answers rows of another.
    Computed {
        function: QualifiedName,
        table: QualifiedName,
        foreign_table: QualifiedName,
        to_one: bool,
        is_self: bool,
    },
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Cardinality {
    OneToMany(KeyColumns),
    ManyToOne(KeyColumns),
    OneToOne {
        key: KeyColumns,
        /// Whether the other side holds the foreign key.
        is_parent: bool,
    },
    ManyToMany(Junction),
}

/// A foreign key, seen from the relation a relationship starts at.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct KeyColumns {
    pub constraint: Ident,
    /// Pairs of a column of the start and one of the target.
    pub columns: Vec<(Ident, Ident)>,
}

/// The table between two others, whose key consists of its references to them.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Junction {
    pub table: QualifiedName,
    pub source_constraint: Ident,
    pub target_constraint: Ident,
    /// Pairs of a column of the start and one of the junction.
    pub source_columns: Vec<(Ident, Ident)>,
    /// Pairs of a column of the target and one of the junction.
    pub target_columns: Vec<(Ident, Ident)>,
}

impl Relationship {
    pub fn table(&self) -> &QualifiedName {
        match self {
            Self::Keyed { table, .. } | Self::Computed { table, .. } => table,
        }
    }

    pub fn foreign_table(&self) -> &QualifiedName {
        match self {
            Self::Keyed { foreign_table, .. } | Self::Computed { foreign_table, .. } => {
                foreign_table
            }
        }
    }

    /// Whether there is at most one row on the other side.
    pub fn is_to_one(&self) -> bool {
        match self {
            Self::Keyed { cardinality, .. } => {
                matches!(cardinality, Cardinality::ManyToOne(_) | Cardinality::OneToOne { .. })
            }
            Self::Computed { to_one, .. } => *to_one,
        }
    }

    pub fn is_self(&self) -> bool {
        match self {
            Self::Keyed { is_self, .. } | Self::Computed { is_self, .. } => *is_self,
        }
    }

    pub fn cardinality(&self) -> Option<&Cardinality> {
        match self {
            Self::Keyed { cardinality, .. } => Some(cardinality),
            Self::Computed { .. } => None,
        }
    }

    /// The schema in which a request can name it.
    pub(super) fn reached_in(&self) -> &Ident {
        match self {
            Self::Keyed { foreign_table, .. } => &foreign_table.schema,
            Self::Computed { function, .. } => &function.schema,
        }
    }

    /// The ends between which a routine named like the other relation replaces all keys.
    pub(super) fn overrides(&self) -> Option<(QualifiedName, QualifiedName)> {
        match self {
            Self::Keyed { .. } => None,
            Self::Computed { table, function, .. } => Some((table.clone(), function.clone())),
        }
    }

    pub fn junction(&self) -> Option<&Junction> {
        match self.cardinality() {
            Some(Cardinality::ManyToMany(junction)) => Some(junction),
            _ => None,
        }
    }
}

impl Cardinality {
    /// The foreign key of a relationship that needs no junction.
    pub fn key(&self) -> Option<&KeyColumns> {
        match self {
            Self::OneToMany(key) | Self::ManyToOne(key) | Self::OneToOne { key, .. } => Some(key),
            Self::ManyToMany(_) => None,
        }
    }
}

impl KeyColumns {
    /// The pair of a key with one column.
    pub fn single(&self) -> Option<(&Ident, &Ident)> {
        match self.columns.as_slice() {
            [(column, foreign)] => Some((column, foreign)),
            _ => None,
        }
    }

    /// The same key, seen from the other side.
    pub fn reversed(&self) -> Self {
        let columns = self.columns.iter();
        Self {
            constraint: self.constraint.clone(),
            columns: columns.map(|(column, foreign)| (foreign.clone(), column.clone())).collect(),
        }
    }
}
