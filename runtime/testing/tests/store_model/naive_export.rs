//! The naive model in the form of the canonical export.

use serde_json::{Map, Value, json};

use super::naive::{Fields, Id, Naive, Target, Val, key};

impl Naive {
    /// The canonical export, a value each.
    pub fn export(&self) -> Vec<Value> {
        let objects = self.objects.iter().map(|o| {
            let mut out = json!({
                "object": o.of, "name": self.name(o.id), "code_name": o.name, "display_name": o.display, "fields": self.fields(&o.fields)
            });
            if let Some(guid) = &o.guid {
                out["guid"] = guid.as_str().into();
            }
            if !o.sites.is_empty() {
                out["sites"] = o.sites.iter().copied().collect();
            }
            out
        });
        let pages = self.pages.iter().map(|page| {
            let cultures: Map<String, Value> = page
                .cultures
                .iter()
                .map(|(name, v)| {
                    let fields = self.fields(&v.fields);
                    ((*name).to_owned(), json!({ "name": v.name, "published": v.published, "archived": v.archived, "fields": fields }))
                })
                .collect();
            let mut out =
                json!({ "page": page.of, "name": self.path(page.id), "alias": page.alias, "order": page.order, "cultures": cultures });
            if let Some(guid) = &page.guid {
                out["guid"] = guid.as_str().into();
            }
            out
        });
        let members = self.members.iter().filter_map(|member| {
            let mut fields = json!({ "user": { "ref": self.name(member.user) }, "role": { "ref": self.name(member.role?) } });
            if let Some(note) = &member.note {
                fields["note"] = note.as_str().into();
            }
            Some(json!({ "binding": "n.member", "fields": fields }))
        });
        objects.chain(pages).chain(members).collect()
    }

    fn fields(&self, fields: &Fields) -> Value {
        let value = |val: &Val| match val {
            Val::Text(text) => Some(json!(text)),
            Val::Reference(reference) => match reference.target? {
                Target::Object(id) => Some(json!({ "ref": self.name(id) })),
                Target::Page(id) => Some(json!({ "ref": self.path(id) })),
            },
        };
        fields.iter().filter_map(|(name, val)| Some(((*name).to_owned(), value(val)?))).collect::<Map<_, _>>().into()
    }

    fn name(&self, id: Id) -> String {
        let Some(object) = self.objects.iter().find(|o| o.id == id) else { return "?".to_owned() };
        let above = object.parent.map(|parent| self.name(parent)).or(object.site.map(str::to_owned)).unwrap_or_default();
        format!("{above}/{}:{}", object.of, key(&object.name))
    }

    fn path(&self, id: Id) -> String {
        let Some(page) = self.pages.iter().find(|page| page.id == id) else { return "?".to_owned() };
        let above = page.parent.map_or_else(|| format!("{}:", page.site), |parent| self.path(parent));
        format!("{above}/{}", key(&page.alias))
    }
}
