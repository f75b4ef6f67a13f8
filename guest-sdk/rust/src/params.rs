//! Answers of the two params methods.

/// Where to find an internal object.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ObjectParams {
    /// Its code name; empty where it is known by its GUID.
    pub code_name: String,
    /// Its GUID: then nothing else matters.
    pub guid: Option<String>,
    /// **Code name** of the site.
    pub site: Option<String>,
    /// **External** id of the parent object.
    pub parent: Option<String>,
    /// **External** id of the group.
    pub group: Option<String>,
}

impl ObjectParams {
    /// The global object with this code name.
    pub fn new(code_name: impl Into<String>) -> Self {
        Self { code_name: code_name.into(), guid: None, site: None, parent: None, group: None }
    }

    /// The global object with this code name; the same as [`ObjectParams::new`].
    pub fn by_code_name(code_name: impl Into<String>) -> Self {
        Self::new(code_name)
    }

    /// The object with this GUID, whatever its name and wherever it is. Hexadecimal with hyphens. A site, parent or group beside it
    /// is refused: nothing is looked for within them.
    pub fn by_guid(guid: impl Into<String>) -> Self {
        Self { guid: Some(guid.into()), ..Self::new("") }
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

/// Where to find an internal page.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct DocumentParams {
    /// Hexadecimal with hyphens.
    pub node_guid: String,
    /// Empty: in any culture.
    pub culture: String,
    /// **Code name** of the site.
    pub site: String,
}

impl DocumentParams {
    /// The culture version of a page; all three are needed. `site` is a code name.
    pub fn new(node_guid: impl Into<String>, culture: impl Into<String>, site: impl Into<String>) -> Self {
        Self { node_guid: node_guid.into(), culture: culture.into(), site: site.into() }
    }

    /// The page as a whole, in whatever cultures it exists. `site` is a code name.
    pub fn any_culture(node_guid: impl Into<String>, site: impl Into<String>) -> Self {
        Self::new(node_guid, "", site)
    }
}
