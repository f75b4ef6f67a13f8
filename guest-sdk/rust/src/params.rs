//! Answers of the two params methods.

use crate::{DocumentParams, ObjectParams};

impl ObjectParams {
    /// The global object with this code name.
    pub fn new(code_name: impl Into<String>) -> Self {
        Self { code_name: code_name.into(), site: None, parent: None, group: None }
    }

    /// **Code name** of the site.
    #[must_use]
    pub fn site(mut self, code_name: impl Into<String>) -> Self {
        self.site = Some(code_name.into());
        self
    }

    /// **External id** of the parent object, resolved in turn.
    #[must_use]
    pub fn parent(mut self, external_id: impl Into<String>) -> Self {
        self.parent = Some(external_id.into());
        self
    }

    /// **External id** of the group, resolved in turn.
    #[must_use]
    pub fn group(mut self, external_id: impl Into<String>) -> Self {
        self.group = Some(external_id.into());
        self
    }
}

impl DocumentParams {
    /// The culture version of a page; all three are needed. `site` is a code name.
    pub fn new(node_guid: impl Into<String>, culture: impl Into<String>, site: impl Into<String>) -> Self {
        Self { node_guid: node_guid.into(), culture: culture.into(), site: site.into() }
    }
}
