//! Who may do what (§14): the rights of tokens, and which of them each route needs. `API.md` has the same table, and a
//! test holds the two to each other.

use std::collections::BTreeSet;
use std::fmt;

use axum::http::Method;
use lockgate_core::names::ConnectorName;

/// What a token may do. Each includes those that are named.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Right {
    /// Hand in tasks, and see what became of them.
    Submit,
    /// See everything.
    Read,
    /// `read`, and act on tasks: retry, edit, skip, delete, switches, process.
    Operate,
    /// Everything: connectors, model, backup.
    Admin,
}

impl Right {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Submit, Self::Read, Self::Operate, Self::Admin];

    /// The word that operators know.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Submit => "submit",
            Self::Read => "read",
            Self::Operate => "operate",
            Self::Admin => "admin",
        }
    }

    fn includes(self, needed: Self) -> bool {
        match self {
            Self::Admin => true,
            Self::Operate => matches!(needed, Self::Operate | Self::Read),
            Self::Read | Self::Submit => self == needed,
        }
    }
}

impl fmt::Display for Right {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A token as it is configured: never its value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamedToken {
    /// As audit rows name its holder.
    pub name: String,
    /// SHA-256 of its value.
    pub digest: [u8; 32],
    /// What its holder may do.
    pub rights: BTreeSet<Right>,
    /// For which connectors it may hand in tasks; `None`: for all.
    pub connectors: Option<BTreeSet<ConnectorName>>,
}

/// Who asks, as far as that is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Holder {
    pub name: String,
    rights: BTreeSet<Right>,
    connectors: Option<BTreeSet<ConnectorName>>,
}

impl Holder {
    /// One who may do everything.
    pub(crate) fn admin(name: impl Into<String>) -> Self {
        Self { name: name.into(), rights: BTreeSet::from([Right::Admin]), connectors: None }
    }

    /// One who need not say who he is, and may do what anybody may.
    pub(crate) fn nobody() -> Self {
        Self { name: String::new(), rights: BTreeSet::new(), connectors: None }
    }

    pub(crate) fn is_nobody(&self) -> bool {
        self.rights.is_empty()
    }

    pub(crate) fn of(token: &NamedToken) -> Self {
        Self { name: token.name.clone(), rights: token.rights.clone(), connectors: token.connectors.clone() }
    }

    pub(crate) fn has(&self, needed: Right) -> bool {
        self.rights.iter().any(|right| right.includes(needed))
    }

    /// Whether it may hand in tasks for a connector.
    pub(crate) fn may_submit_to(&self, connector: &ConnectorName) -> bool {
        self.has(Right::Submit) && self.connectors.as_ref().is_none_or(|names| names.contains(connector))
    }

    /// Whether it may see a task: who handed it in asks what became of it.
    pub(crate) fn may_see_task_of(&self, connector: &ConnectorName) -> bool {
        self.has(Right::Read) || self.may_submit_to(connector)
    }

    /// What it may do, as words.
    pub(crate) fn words(&self) -> Vec<&'static str> {
        self.rights.iter().map(|right| right.as_str()).collect()
    }

    pub(crate) fn rights(&self) -> String {
        self.rights.iter().map(|right| right.as_str()).collect::<Vec<_>>().join(", ")
    }
}

/// What a route asks of who calls it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Needs {
    /// Nothing: whoever watches the server has no token.
    Nothing,
    /// That what is sent is signed, as the configuration says.
    Signature,
    /// This right.
    Right(Right),
    /// `read`, or `submit` of the task's connector.
    ReadOrSubmit,
}

impl Needs {
    /// The word in `API.md`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Nothing => "nothing",
            Self::Signature => "signature",
            Self::Right(right) => right.as_str(),
            Self::ReadOrSubmit => "read or submit",
        }
    }

    pub(crate) fn are_met_by(self, holder: &Holder) -> bool {
        match self {
            Self::Nothing | Self::Signature => true,
            Self::Right(right) => holder.has(right),
            Self::ReadOrSubmit => holder.has(Right::Read) || holder.has(Right::Submit),
        }
    }
}

/// One way to ask.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Route {
    /// Its method.
    pub method: &'static str,
    /// Its path, with parts in braces.
    pub path: &'static str,
    /// What it needs.
    pub needs: Needs,
}

macro_rules! routes {
    ($($method:ident $path:literal $needs:expr;)*) => {
        /// Every route. One that is not here needs `admin`.
        pub const ROUTES: &[Route] = &[$(Route { method: stringify!($method), path: $path, needs: $needs }),*];
    };
}

const SUBMIT: Needs = Needs::Right(Right::Submit);
const READ: Needs = Needs::Right(Right::Read);
const OPERATE: Needs = Needs::Right(Right::Operate);
const ADMIN: Needs = Needs::Right(Right::Admin);

routes! {
    GET "/" Needs::Nothing;
    GET "/healthz" Needs::Nothing;
    GET "/readyz" Needs::Nothing;
    POST "/in/{connector}" Needs::Signature;
    GET "/metrics" READ;
    GET "/v1/openapi.json" READ;
    POST "/v1/connectors/{name}/tasks" SUBMIT;
    POST "/v1/tasks" SUBMIT;
    GET "/v1/tasks" READ;
    GET "/v1/tasks/reasons" READ;
    POST "/v1/tasks/actions" OPERATE;
    POST "/v1/tasks/try" OPERATE;
    GET "/v1/tasks/{id}" Needs::ReadOrSubmit;
    DELETE "/v1/tasks/{id}" OPERATE;
    GET "/v1/tasks/{id}/external" READ;
    PUT "/v1/tasks/{id}/external" OPERATE;
    GET "/v1/tasks/{id}/log" READ;
    POST "/v1/tasks/{id}/retry" OPERATE;
    POST "/v1/tasks/{id}/skip" OPERATE;
    POST "/v1/tasks/{id}/process-type" OPERATE;
    POST "/v1/tasks/{id}/try" OPERATE;
    GET "/v1/failures" READ;
    GET "/v1/history" READ;
    GET "/v1/missing" READ;
    POST "/v1/missing/{mark}/ignore" OPERATE;
    POST "/v1/operations" OPERATE;
    GET "/v1/operations" READ;
    GET "/v1/operations/{id}" READ;
    POST "/v1/operations/{id}/cancel" OPERATE;
    POST "/v1/process" OPERATE;
    GET "/v1/nodes" READ;
    POST "/v1/nodes/{name}/drain" OPERATE;
    POST "/v1/nodes/{name}/resume" OPERATE;
    POST "/v1/connectors/{name}/process" OPERATE;
    GET "/CMSPages/IntegrationNotify.aspx" OPERATE;
    POST "/CMSPages/IntegrationNotify.aspx" OPERATE;
    GET "/cmspages/integrationnotify.aspx" OPERATE;
    POST "/cmspages/integrationnotify.aspx" OPERATE;
    GET "/v1/token" READ;
    GET "/v1/status" READ;
    PUT "/v1/switches" OPERATE;
    GET "/v1/connectors" READ;
    GET "/v1/connectors/{name}" READ;
    PUT "/v1/connectors/{name}" ADMIN;
    DELETE "/v1/connectors/{name}" ADMIN;
    POST "/v1/connectors/{name}" ADMIN;
    POST "/v1/connectors/{name}/enable" OPERATE;
    POST "/v1/connectors/{name}/disable" OPERATE;
    POST "/v1/connectors/{name}/pause" OPERATE;
    POST "/v1/connectors/{name}/resume" OPERATE;
    POST "/v1/connectors/{name}/approve" ADMIN;
    POST "/v1/connectors/{name}/rollback" ADMIN;
    GET "/v1/connectors/{name}/state" READ;
    DELETE "/v1/connectors/{name}/state" ADMIN;
    GET "/v1/model" READ;
    PUT "/v1/model" ADMIN;
    GET "/v1/objects" READ;
    GET "/v1/objects/by-id/{id}" READ;
    GET "/v1/objects/by-id/{id}/referrers" READ;
    GET "/v1/objects/{type}/{code_name}" READ;
    GET "/v1/pages/{site}" READ;
    GET "/v1/pages/by-id/{id}/referrers" READ;
    GET "/v1/bindings" READ;
    GET "/v1/export" READ;
    POST "/v1/backup" ADMIN;
    GET "/v1/audit" OPERATE;
    POST "/v1/reload" ADMIN;
}

/// What a request needs of who sends it. `path`: as it was matched.
pub(crate) fn needs(method: &Method, path: &str) -> Needs {
    let method = if *method == Method::HEAD { "GET" } else { method.as_str() };
    let found = ROUTES.iter().find(|route| route.method == method && route.path == path);
    // Promise 3: what nobody has decided about, few may do.
    found.map_or(ADMIN, |route| route.needs)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rights_include_what_they_should_and_no_more() {
        let of = |right| Holder { rights: BTreeSet::from([right]), ..Holder::admin("x") };
        let can: Vec<Vec<&str>> =
            Right::ALL.map(|right| Right::ALL.into_iter().filter(|needed| of(right).has(*needed)).map(Right::as_str).collect()).into();
        assert_eq!(can, [vec!["submit"], vec!["read"], vec!["read", "operate"], vec!["submit", "read", "operate", "admin"]]);
    }

    #[test]
    fn what_is_not_in_the_table_needs_admin() {
        assert_eq!(needs(&Method::GET, "/v1/new"), ADMIN);
        assert_eq!(needs(&Method::PATCH, "/v1/tasks"), ADMIN);
        assert_eq!(needs(&Method::HEAD, "/v1/tasks"), READ);
    }

    #[test]
    fn each_route_stands_in_the_table_once() {
        let all: BTreeSet<(&str, &str)> = ROUTES.iter().map(|route| (route.method, route.path)).collect();
        assert_eq!(all.len(), ROUTES.len());
    }

    /// The table of `API.md`: `| method | path | needs |`.
    #[test]
    fn api_md_has_the_same_table() {
        let documented: BTreeSet<(String, String, String)> = include_str!("../API.md")
            .lines()
            .skip_while(|line| *line != "### Rights by route")
            .skip(1)
            .take_while(|line| !line.starts_with('#'))
            .filter_map(|line| line.strip_prefix("| `")?.strip_suffix(" |"))
            .filter_map(|row| {
                let (route, needs) = row.split_once("` | ")?;
                let (method, path) = route.split_once(' ')?;
                Some((method.to_owned(), path.to_owned(), needs.to_owned()))
            })
            .collect();
        let of_code: BTreeSet<(String, String, String)> =
            ROUTES.iter().map(|route| (route.method.to_owned(), route.path.to_owned(), route.needs.as_str().to_owned())).collect();
        assert_eq!(documented, of_code);
    }
}
