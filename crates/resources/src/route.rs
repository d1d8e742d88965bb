//! What people may say about a resource: in `resources.yaml`, or in Rust with checked columns.

use crate::problem::Place;
use indexmap::IndexMap;
use std::marker::PhantomData;

/// A name somebody wrote, and where. Two are equal when they say the same.
#[derive(Debug, Clone, Eq)]
pub struct Named {
    pub text: String,
    pub place: Option<Place>,
}

impl PartialEq for Named {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl From<&str> for Named {
    fn from(text: &str) -> Self {
        Self { text: text.to_owned(), place: None }
    }
}

/// How one resource differs from what its table says; whatever is absent is derived.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ResourceRoute {
    pub table: Option<Named>,
    pub schema: Option<Named>,
    pub id_columns: Vec<Named>,
    /// The URL segment.
    pub path: Option<Named>,
    pub page_label: Option<String>,
    /// A lucide icon name.
    pub icon: Option<String>,
    /// Where the resource stands in the navigation.
    pub category: Option<String>,
    /// The order of the sections that columns name.
    pub categories: Vec<String>,
    pub columns: Option<Vec<RouteColumn>>,
    pub search_by: Option<Vec<Named>>,
    pub enable_search: Option<bool>,
    pub enable_new: Option<bool>,
    pub edit: EditRoute,
    pub create: Option<CreateRoute>,
}

/// A column of the list: its name, and what to call it.
#[derive(Debug, Clone, PartialEq)]
pub struct RouteColumn {
    pub name: Named,
    pub label: Option<String>,
    pub hidden: bool,
    /// The section of the record's page.
    pub category: Option<String>,
}

/// Which columns may be changed. The key never is.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct EditRoute {
    pub enabled: Option<bool>,
    pub allowed: Option<Vec<Named>>,
    pub denied: Vec<Named>,
}

#[derive(Debug, Clone, PartialEq, Default)]
pub struct CreateRoute {
    pub required: Vec<Named>,
    pub optional: Option<Vec<Named>>,
    /// Exactly the fields shown, in order.
    pub columns: Option<Vec<Named>>,
    /// Sent along when the form does not say otherwise.
    pub default_values: IndexMap<String, (Named, String)>,
}

/// A table that exists, as the `schema` crate generates it.
pub trait TableDef {
    const SCHEMA: &'static str;
    const NAME: &'static str;
}

/// A column of `T`, and of no other table.
pub struct Column<T> {
    name: &'static str,
    table: PhantomData<fn() -> T>,
}

impl<T> Column<T> {
    /// For generated code; a name written by hand is checked by nobody.
    pub const fn generated(name: &'static str) -> Self {
        Self { name, table: PhantomData }
    }

    pub fn name(&self) -> &'static str {
        self.name
    }
}

impl<T> Clone for Column<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Column<T> {}

/// A route under construction for the table `T`; the compiler knows its columns.
pub struct RouteBuilder<T> {
    route: ResourceRoute,
    table: PhantomData<fn() -> T>,
}

impl ResourceRoute {
    /// Start a route for a generated table.
    pub fn of<T: TableDef>() -> RouteBuilder<T> {
        let route =
            Self { table: Some(T::NAME.into()), schema: Some(T::SCHEMA.into()), ..Self::default() };
        RouteBuilder { route, table: PhantomData }
    }
}

impl<T> RouteBuilder<T> {
    /// The column that names one row; call it again for a key of several.
    #[must_use]
    pub fn id(mut self, column: Column<T>) -> Self {
        self.route.id_columns.push(column.name.into());
        self
    }

    /// The list's columns, in order.
    #[must_use]
    pub fn columns(mut self, columns: impl IntoIterator<Item = Column<T>>) -> Self {
        let plain = |column: Column<T>| RouteColumn {
            name: column.name.into(),
            label: None,
            hidden: false,
            category: None,
        };
        self.route.columns = Some(columns.into_iter().map(plain).collect());
        self
    }

    /// What the search box looks through.
    #[must_use]
    pub fn search_by(mut self, columns: impl IntoIterator<Item = Column<T>>) -> Self {
        self.route.search_by = Some(names(columns));
        self
    }

    #[must_use]
    pub fn path(mut self, path: &str) -> Self {
        self.route.path = Some(path.into());
        self
    }

    #[must_use]
    pub fn page_label(mut self, label: &str) -> Self {
        self.route.page_label = Some(label.to_owned());
        self
    }

    #[must_use]
    pub fn icon(mut self, icon: &str) -> Self {
        self.route.icon = Some(icon.to_owned());
        self
    }

    #[must_use]
    pub fn category(mut self, category: &str) -> Self {
        self.route.category = Some(category.to_owned());
        self
    }

    /// Only these columns may be changed.
    #[must_use]
    pub fn editable(mut self, columns: impl IntoIterator<Item = Column<T>>) -> Self {
        self.route.edit.allowed = Some(names(columns));
        self
    }

    /// New rows may be made, with these fields required.
    #[must_use]
    pub fn create(mut self, required: impl IntoIterator<Item = Column<T>>) -> Self {
        self.route.enable_new = Some(true);
        self.route.create =
            Some(CreateRoute { required: names(required), ..CreateRoute::default() });
        self
    }

    pub fn build(self) -> ResourceRoute {
        self.route
    }
}

fn names<T>(columns: impl IntoIterator<Item = Column<T>>) -> Vec<Named> {
    columns.into_iter().map(|column| column.name.into()).collect()
}
