//! What a connector may write.

use crate::failure::{Code, Failure};
use crate::grants::{Subtree, TypePattern, WordPattern};
use crate::names::{CodeName, SiteName, TypeName};

/// What a connector may write: each pair is what its manifest asks for and what its operator
/// grants; both must name it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct WriteGrant {
    /// Object and binding types.
    pub objects: (Vec<TypePattern>, Vec<TypePattern>),
    /// Subtrees of pages.
    pub pages: (Vec<Subtree>, Vec<Subtree>),
    /// Sites.
    pub sites: (Vec<WordPattern>, Vec<WordPattern>),
}

impl WriteGrant {
    /// Everything: for tests, and for what operators do themselves.
    pub fn everything() -> Self {
        let whole: Vec<Subtree> = "/".parse().into_iter().collect();
        Self {
            objects: (vec![TypePattern::Any], vec![TypePattern::Any]),
            pages: (whole.clone(), whole),
            sites: (vec![WordPattern::Any], vec![WordPattern::Any]),
        }
    }

    /// Whether objects, or bindings, of this type may be written and deleted.
    pub fn object_type(&self, name: &TypeName) -> Result<(), Failure> {
        check(&self.objects, |pattern| pattern.matches(name), || format!("objects of type {name}"))
    }

    /// Whether anything may be written in this site.
    pub fn site(&self, name: &SiteName) -> Result<(), Failure> {
        check(&self.sites, |pattern| pattern.matches(name.as_str()), || format!("in site {name}"))
    }

    /// Whether the page at this path of a site may be written, moved there or from there, or deleted.
    pub fn page(&self, site: &SiteName, path: &[CodeName]) -> Result<(), Failure> {
        self.site(site)?;
        check(
            &self.pages,
            |subtree| subtree.contains(path.iter()),
            || {
                let steps: Vec<&str> = path.iter().map(CodeName::as_str).collect();
                format!("the page /{} of site {site}", steps.join("/"))
            },
        )
    }
}

fn check<P>((asked, granted): &(Vec<P>, Vec<P>), names: impl Fn(&P) -> bool, what: impl Fn() -> String) -> Result<(), Failure> {
    let why = match (asked.iter().any(&names), granted.iter().any(&names)) {
        (true, true) => return Ok(()),
        (true, false) => "the operator does not grant it",
        (false, true) => "its manifest does not ask for it",
        (false, false) => "its manifest does not ask for it and the operator does not grant it",
    };
    Err(Failure::new(Code::WriteDenied, format!("the connector may not write {}: {why}", what())))
}
