//! References of the naive model (§7.2): looked up when a task's rows have their places, and again after each task
//! while they are loose (§11.4).

use super::naive::{Given, Id, Member, Naive, Reference, Target, Val, key};

/// The declared reference fields: type, field, what it points to, and how needed it is.
const REFERENCES: [(&str, &str, &str, &str); 7] = [
    ("n.user", "boss", "n.user", "optional"),
    ("n.product", "owner", "n.user", "required"),
    ("n.product", "keeper", "n.user", "default"),
    ("n.product", "page", "page", "optional"),
    ("n.review", "author", "n.user", "optional"),
    ("n.page", "author", "n.user", "optional"),
    ("n.post", "author", "n.user", "required"),
];

/// A role's external id as a question.
fn question(external: &str) -> (Option<&str>, String) {
    let (site, name) = external.rsplit_once('|').map_or((None, external), |(site, name)| (Some(site), name));
    (site, key(name))
}

impl Naive {
    fn is_there(&self, target: Target) -> bool {
        match target {
            Target::Object(id) => self.objects.iter().any(|o| o.id == id),
            Target::Page(id) => self.pages.iter().any(|page| page.id == id),
        }
    }

    /// Looks up what was stated, what lost its target, and what is loose.
    pub(super) fn look_up(&mut self) {
        let all = self.clone();
        let of_objects = self.objects.iter_mut().map(|o| (o.of, &mut o.fields));
        let of_pages = self.pages.iter_mut().flat_map(|page| page.cultures.values_mut().map(|version| (page.of, &mut version.fields)));
        for (of, fields) in of_objects.chain(of_pages) {
            for (_, field, to, need) in REFERENCES.into_iter().filter(|(t, ..)| *t == of) {
                let Some(Val::Reference(reference)) = fields.get_mut(field) else { continue };
                let is_gone = reference.target.is_some_and(|target| !all.is_there(target));
                if !reference.is_new && !is_gone && !reference.is_loose {
                    continue;
                }
                let external = &reference.stated;
                let found =
                    if to == "page" { all.find_page(external).map(Target::Page) } else { all.find(to, external).map(Target::Object) };
                let default = || if need == "default" { all.find(to, "u0").map(Target::Object) } else { None };
                let target = found.or_else(default);
                if reference.is_new && target.is_none() && need != "optional" {
                    self.open.borrow_mut().push("unresolved-reference");
                }
                if is_gone && need == "required" {
                    self.open.borrow_mut().push("still-referenced");
                }
                *reference = Reference { stated: external.clone(), target, is_new: false, is_loose: found.is_none() };
            }
        }
        self.look_up_members(&all);
    }

    fn look_up_members(&mut self, all: &Self) {
        let mut made: Vec<Member> = Vec::new();
        for mut member in std::mem::take(&mut self.members) {
            member.role = member.role.filter(|role| all.is_there(Target::Object(*role))).or_else(|| all.find("n.role", &member.stated));
            let again = member.role.is_some() && made.iter().any(|other| (other.user, other.role) == (member.user, member.role));
            if !again && all.is_there(Target::Object(member.user)) {
                made.push(member);
            }
        }
        self.members = made;
    }

    /// Makes or updates a binding, or remembers it until its role is there.
    pub(super) fn bind(&mut self, user: Id, stated: &str, note: Option<&str>) {
        let role = self.find("n.role", stated);
        let note = note.map(str::to_owned);
        let is_it = |member: &Member| match role {
            Some(role) => member.role == Some(role),
            None => member.role.is_none() && question(&member.stated) == question(stated),
        };
        match self.members.iter_mut().find(|member| member.user == user && is_it(member)) {
            Some(member) => *member = Member { note: note.or(member.note.take()), stated: stated.to_owned(), ..*member },
            None => self.members.push(Member { user, role, stated: stated.to_owned(), note }),
        }
    }

    /// A complete list: what it does not state goes, and is not waited for.
    pub(super) fn keep_members(&mut self, user: Id, stated: &[&str]) {
        let roles: Vec<Option<Id>> = stated.iter().map(|stated| self.find("n.role", stated)).collect();
        self.members.retain(|member| {
            let is_stated = match member.role {
                Some(_) => roles.contains(&member.role),
                None => stated.iter().any(|stated| question(stated) == question(&member.stated)),
            };
            member.user != user || is_stated
        });
    }

    pub(super) fn unbind(&mut self, user: Id, stated: &str) {
        let role = self.find("n.role", stated);
        self.members.retain(|member| {
            let is_it = match member.role {
                Some(made) => role == Some(made),
                None => question(&member.stated) == question(stated),
            };
            member.user != user || !is_it
        });
    }
}

impl Val {
    /// What a task gives a field; none: it clears it.
    pub(super) fn given(value: &Given) -> Option<Self> {
        match value {
            Given::Null => None,
            Given::Text(text) => Some(Self::Text(text.clone())),
            Given::Reference(external) => {
                Some(Self::Reference(Reference { stated: external.clone(), target: None, is_new: true, is_loose: false }))
            }
        }
    }
}
