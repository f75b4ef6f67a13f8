//! The form of the content model's TOML files.

use serde::Deserialize;
use toml::Spanned;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct File {
    #[serde(default)]
    pub(super) site: Vec<Spanned<SiteToml>>,
    #[serde(default)]
    pub(super) object_type: Vec<Spanned<ObjectTypeToml>>,
    #[serde(default)]
    pub(super) binding_type: Vec<Spanned<BindingTypeToml>>,
    #[serde(default)]
    pub(super) page_type: Vec<Spanned<PageTypeToml>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SiteToml {
    pub(super) name: String,
    pub(super) cultures: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ObjectTypeToml {
    pub(super) name: String,
    #[serde(default)]
    pub(super) scope: ScopeToml,
    pub(super) parent: Option<String>,
    #[serde(default)]
    pub(super) parent_required: bool,
    pub(super) group: Option<String>,
    #[serde(default)]
    pub(super) unique_within: WithinToml,
    #[serde(default)]
    pub(super) code_name: NamesToml,
    pub(super) newer_by: Option<Spanned<String>>,
    #[serde(default)]
    pub(super) fields: Vec<Spanned<FieldToml>>,
    #[serde(default)]
    pub(super) children: Vec<ChildToml>,
}

#[derive(Deserialize, Default, PartialEq)]
#[serde(rename_all = "kebab-case")]
pub(super) enum ScopeToml {
    #[default]
    Global,
    Site,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "kebab-case")]
pub(super) enum WithinToml {
    #[default]
    Scope,
    Site,
    All,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "kebab-case")]
pub(super) enum NamesToml {
    #[default]
    Folded,
    Exact,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct BindingTypeToml {
    pub(super) name: String,
    pub(super) binds: Vec<String>,
    pub(super) fields: Vec<Spanned<FieldToml>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PageTypeToml {
    pub(super) name: String,
    pub(super) newer_by: Option<Spanned<String>>,
    #[serde(default)]
    pub(super) fields: Vec<Spanned<FieldToml>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ChildToml {
    pub(super) r#type: String,
    pub(super) mode: ModeToml,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum ModeToml {
    Complete,
    Incremental,
    None,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FieldToml {
    pub(super) name: String,
    pub(super) kind: KindToml,
    #[serde(default)]
    pub(super) required: bool,
    #[serde(default)]
    pub(super) unique: bool,
    pub(super) length_max: Option<usize>,
    pub(super) to: Option<String>,
    pub(super) need: Option<NeedToml>,
    pub(super) default: Option<String>,
}

#[derive(Deserialize, Clone, Copy, PartialEq)]
#[serde(rename_all = "kebab-case")]
pub(super) enum KindToml {
    Boolean,
    Integer,
    Decimal,
    Real,
    Text,
    Timestamp,
    Guid,
    Binary,
    Json,
    Reference,
    References,
}

#[derive(Deserialize, Clone, Copy)]
#[serde(rename_all = "kebab-case")]
pub(super) enum NeedToml {
    Required,
    RequiredWithDefault,
    Optional,
    Binding,
}
