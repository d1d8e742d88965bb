//! Functions of the database.

use crate::{
    Athena, Error, Filter, Page,
    condition::comparisons,
    draft::{Draft, Repeat, call_options, write_options},
};
use reqwest::Method;
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Map, Value};

pub(crate) const PATH: &str = "/gateway/rpc";

/// A call of a function; conditions, order and window apply to the rows it returns.
#[derive(Debug)]
#[must_use]
pub struct Rpc {
    draft: Draft,
    args: Map<String, Value>,
    order: Option<Order>,
}

#[derive(Debug, Serialize)]
struct Order {
    column: String,
    ascending: bool,
}

call_options!(Rpc);
write_options!(Rpc);
comparisons!(Rpc => Rpc);

impl Rpc {
    pub(crate) fn new(athena: Athena, function: String) -> Self {
        let mut draft = Draft::write(athena, Method::POST, PATH);
        if function.trim().is_empty() {
            draft.fail(Error::incomplete("the name of the function is blank"));
        }
        draft.put("function", function);
        Self { draft, args: Map::new(), order: None }
    }

    fn filtered(mut self, filter: Filter) -> Self {
        self.draft.filter(filter);
        self
    }

    pub fn schema(mut self, name: impl Into<String>) -> Self {
        self.draft.put("schema", name.into());
        self
    }

    /// A named argument.
    pub fn arg(mut self, name: impl Into<String>, value: impl Serialize) -> Self {
        let name = name.into();
        if let Some(value) = self.draft.json(&name, value) {
            self.args.insert(name, value);
        }
        self
    }

    /// Only these columns of what it returns.
    pub fn select(mut self, columns: impl IntoIterator<Item = impl Into<String>>) -> Self {
        let columns: Vec<String> = columns.into_iter().map(Into::into).collect();
        self.draft.put("select", columns.join(","));
        self
    }

    pub fn order_by(mut self, column: impl Into<String>) -> Self {
        self.order = Some(Order { column: column.into(), ascending: true });
        self
    }

    /// Largest first.
    pub fn descending(mut self) -> Self {
        match &mut self.order {
            Some(order) => order.ascending = false,
            None => self.draft.fail(Error::incomplete("descending must follow order_by")),
        }
        self
    }

    pub fn limit(mut self, rows: u64) -> Self {
        self.draft.put("limit", rows);
        self
    }

    pub fn offset(mut self, rows: u64) -> Self {
        self.draft.put("offset", rows);
        self
    }

    /// Also count all the rows it returns, whatever the limit: [`Page::count`].
    pub fn with_count(mut self) -> Self {
        self.draft.put("count", "exact");
        self
    }

    /// The function only reads, so it may be repeated when it meets a passing failure.
    pub fn only_reads(mut self) -> Self {
        self.draft.repeat = Repeat::Freely;
        self
    }

    /// Call it, and read the rows.
    ///
    /// # Errors
    /// As every call.
    pub async fn rows<T: DeserializeOwned>(self) -> Result<Vec<T>, Error> {
        Ok(self.page().await?.rows)
    }

    /// Call it, and read the rows with what was said about them.
    ///
    /// # Errors
    /// As every call.
    pub async fn page<T: DeserializeOwned>(self) -> Result<Page<T>, Error> {
        self.finish().send().await?.page()
    }

    /// Call it, and read the one value it returns.
    ///
    /// # Errors
    /// [`Error::NotOneRow`] when it returns none or several.
    pub async fn value<T: DeserializeOwned>(self) -> Result<T, Error> {
        let mut rows = self.rows().await?;
        let found = rows.len();
        rows.pop().filter(|_| found == 1).ok_or(Error::NotOneRow { found })
    }

    fn finish(mut self) -> Draft {
        self.draft.put("args", self.args);
        if let Some(order) = self.order {
            self.draft.put("order", order);
        }
        self.draft
    }
}
