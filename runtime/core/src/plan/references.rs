//! References of a row: resolved when their task acts, and judged when all have acted (§7.2).

use std::sync::Arc;

use crate::element::{declared, shown};
use crate::failure::{Code, Failure};
use crate::key::{Key, ObjectKey, ObjectsKey, PageKey};
use crate::maps::HashSet;
use crate::model::{Field, Kind, Need, Reference};
use crate::names::{CodeName, ExternalId, SiteName, TypeName};
use crate::plan::fields::{Held, Site};
use crate::plan::open::{Open, external};
use crate::plan::resolve::Hit;
use crate::plan::rewrite::{How, Spot, Standing};
use crate::plan::stated::Sought;
use crate::plan::{Step, Stop, all_loaded, gathered, shared};
use crate::rows::{Link, NodeId, ObjectId, Stated, Target, group_field};
use crate::value::Stored;

/// A reference that is to be judged in the end.
#[derive(Debug, Clone)]
pub(super) struct Noted {
    pub(super) spot: Spot,
    /// Which task stated it.
    pub(super) at: usize,
    /// Where it stands in what was prepared.
    pub(super) path: Arc<str>,
}

/// What was stated for a field.
struct Told<'r> {
    field: &'r Field,
    reference: &'r Reference,
    id: &'r ExternalId,
    path: String,
}

impl Told<'_> {
    fn failure(&self, why: &str) -> Failure {
        let Self { reference, id, path, .. } = self;
        let message = format!("field {path} refers to {} {:?}, which is not stored ({why})", reference.to, id.as_str());
        Failure::new(Code::UnresolvedReference, message).at(path)
    }
}

impl Step<'_, '_> {
    /// A reference field's value, with its question.
    pub(super) fn refer(
        &mut self,
        site: &Site<'_>,
        held: &mut Held<'_>,
        field: &Field,
        reference: &Reference,
        id: &ExternalId,
    ) -> Result<(), Stop> {
        let told = Told { field, reference, id, path: format!("{}{}", site.place, shown(&field.name)) };
        match self.seek(&reference.to, reference.to_page, id)? {
            Sought::Found(hit, None) => {
                self.planned.references_resolved += 1;
                held.fields.insert(field.name.clone(), Stored::Reference(hit.target));
                self.unlink(held.links, &field.name)
            }
            Sought::Found(hit, Some(stated)) => {
                self.planned.references_resolved += 1;
                held.fields.insert(field.name.clone(), Stored::Reference(hit.target));
                self.link(held.links, &field.name, self.new_link(&stated, id, None))?;
                // What this plan still writes may change the answer.
                if self.is_group() || hit.by_former {
                    self.note(site, &told);
                }
                Ok(())
            }
            Sought::Open(stated) => self.refer_open(site, held, &told, &stated),
            Sought::NoRow => {
                let mut open = Open::new(told.failure("looked for this internal id"));
                if let Ok(number) = id.as_str().parse() {
                    let key: Key =
                        if reference.to_page { PageKey::Id(NodeId(number)).into() } else { ObjectKey::Id(ObjectId(number)).into() };
                    open.want(key, &format!("{} with the internal id {number}", reference.to), Some(id.as_str()));
                }
                self.without_question(held, &told, open)
            }
            Sought::Nothing(why) if need_of(field, reference) == Need::Required => Err(told.failure(&why).into()),
            Sought::Nothing(why) => self.without_question(held, &told, Open::new(told.failure(&why))),
        }
    }

    /// The question has no answer yet. When it has none in the end, the row is as it is left here.
    fn refer_open(&mut self, site: &Site<'_>, held: &mut Held<'_>, told: &Told<'_>, stated: &Arc<Stated>) -> Result<(), Stop> {
        let name = &told.field.name;
        let need = need_of(told.field, told.reference);
        let default = match &need {
            Need::RequiredWithDefault(default) => self.default_of(&told.reference.to, default, None)?,
            _ => None,
        };
        match default {
            Some(default) => drop(held.fields.insert(name.clone(), Stored::Reference(default))),
            None => drop(held.fields.remove(name)),
        }
        self.note(site, told);
        // The same question as before: its end waits already.
        if held.links.get(name).is_some_and(|link| link.stated == *stated && link.loose.is_some()) && need != Need::Required {
            return Ok(());
        }
        let loose = match need {
            Need::Required => None,
            _ => self.new_loose_id()?,
        };
        self.link(held.links, name, self.new_link(stated, told.id, loose))
    }

    /// There is nothing that could be looked for again.
    fn without_question(&mut self, held: &mut Held<'_>, told: &Told<'_>, mut open: Open) -> Result<(), Stop> {
        let name = &told.field.name;
        let message = open.message();
        match need_of(told.field, told.reference) {
            Need::Required => self.is_open(self.at, open),
            Need::Optional | Need::Binding => {
                self.warn("unresolved-reference", message);
                held.fields.remove(name);
            }
            Need::RequiredWithDefault(default) => match self.default_of(&told.reference.to, &default, None)? {
                Some(target) => {
                    self.warn("default-used", format!("{message}; the default {default} was taken"));
                    held.fields.insert(name.clone(), Stored::Reference(target));
                }
                None => {
                    self.lacks_default(&told.reference.to, &default, None, &mut open);
                    self.is_open(self.at, open);
                }
            },
        }
        self.unlink(held.links, name)
    }

    fn note(&mut self, site: &Site<'_>, told: &Told<'_>) {
        let spot = Spot { row: site.row, culture: site.culture.cloned(), field: told.field.name.clone() };
        self.notes.references.push(Noted { spot, at: self.at, path: told.path.as_str().into() });
    }

    pub(super) fn new_link(&self, stated: &Arc<Stated>, id: &ExternalId, loose: Option<crate::rows::LooseId>) -> Link {
        Link { stated: stated.clone(), external: external(id), by: self.about.connector.clone(), loose }
    }

    /// Judges every reference that was noted: the last that was stated for each field.
    pub(super) fn judge_references(&mut self) -> Result<(), Stop> {
        if self.notes.references.is_empty() {
            return Ok(());
        }
        let mut noted = std::mem::take(&mut self.notes.references);
        let mut last = HashSet::default();
        noted.reverse();
        noted.retain(|noted| last.insert(noted.spot.clone()));
        noted.reverse();
        let mut to_load = Vec::new();
        for noted in &noted {
            self.turn(noted.at);
            let judged = self.judge_reference(noted);
            gathered(&mut to_load, judged)?;
        }
        all_loaded(to_load)
    }

    fn judge_reference(&mut self, noted: &Noted) -> Result<(), Stop> {
        // The row is gone, or something without a question was written since.
        let Some(standing) = self.standing(&noted.spot)? else { return Ok(()) };
        let Some(link) = standing.link.clone() else { return Ok(()) };
        if let Some(Hit { target, .. }) = self.resolve(&link.stated)? {
            if standing.value.is_none() || link.loose.is_some() {
                self.planned.references_resolved += 1;
            }
            return self.answer(&noted.spot, &standing, &link, target, How::Quietly);
        }
        let path = &*noted.path;
        let Some((to, need)) = self.needed(&standing.type_name, &noted.spot) else { return Ok(()) };
        let message = format!("field {path} refers to {to} {:?}, which is not stored", &*link.external);
        match need {
            Need::Required => {
                let mut open = Open::new(Failure::new(Code::UnresolvedReference, message).at(path));
                self.lacks(&to, &link, &mut open)?;
                open.with_looked_for();
                self.is_open(noted.at, open);
                Ok(())
            }
            Need::Optional | Need::Binding => {
                self.warn("unresolved-reference", &message);
                self.leave_loose(&noted.spot, &standing, link, None, How::Quietly)
            }
            Need::RequiredWithDefault(default) => match self.default_of(&to, &default, standing.site.as_ref())? {
                Some(target) => {
                    self.warn("default-used", format!("{message}; the default {default} was taken"));
                    self.leave_loose(&noted.spot, &standing, link, Some(target), How::Quietly)
                }
                None => {
                    let message = format!("{message}; nor is the declared default {default}");
                    let mut open = Open::new(Failure::new(Code::UnresolvedReference, message).at(path));
                    self.lacks(&to, &link, &mut open)?;
                    self.lacks_default(&to, &default, standing.site.as_ref(), &mut open);
                    self.is_open(noted.at, open);
                    Ok(())
                }
            },
        }
    }

    /// The question of a field has this answer.
    pub(super) fn answer(&mut self, spot: &Spot, standing: &Standing, link: &Link, target: Target, how: How) -> Result<(), Stop> {
        if standing.value == Some(target) && link.loose.is_none() {
            return Ok(());
        }
        if let Some(loose) = link.loose {
            self.end_loose(loose)?;
        }
        self.set(spot, Some(target), Some(Link { loose: None, ..link.clone() }), how)
    }

    /// What a link's question waits for.
    pub(super) fn lacks(&mut self, to: &TypeName, link: &Link, open: &mut Open) -> Result<(), Stop> {
        let name = self.known_name(to, &link.external);
        self.lacking(&link.stated, name.as_deref(), Some(&link.external), open)
    }

    /// To what a field points, and how needed it is; `None` for a field that is declared no longer.
    pub(super) fn needed(&self, type_name: &TypeName, spot: &Spot) -> Option<(TypeName, Need)> {
        if group_field() == Some(&spot.field) {
            let group = self.model.object_type(type_name)?.group.clone()?;
            return Some((group, Need::Required));
        }
        let field = self.model.fields_of(type_name).iter().find(|field| field.name.as_str() == declared(&spot.field))?;
        let reference = reference_of(field)?;
        Some((reference.to.clone(), need_of(field, reference)))
    }

    /// The object that stands in for what is missing: a global one, or one of the site.
    pub(super) fn default_of(&mut self, to: &TypeName, default: &CodeName, site: Option<&SiteName>) -> Result<Option<Target>, Stop> {
        for key in self.default_keys(to, default, site) {
            if let [row] = self.ask(&key)?.as_slice() {
                return Ok(Some(Target::Object(row.id)));
            }
        }
        Ok(None)
    }

    fn default_keys(&self, to: &TypeName, default: &CodeName, site: Option<&SiteName>) -> Vec<ObjectsKey> {
        let mut sites = vec![None];
        for site in [self.about.site, site].into_iter().flatten() {
            if !sites.contains(&Some(site.clone())) {
                sites.push(Some(site.clone()));
            }
        }
        sites.into_iter().map(|site| ObjectsKey::AnyNamed(to.clone(), site, shared(default.key()))).collect()
    }

    pub(super) fn lacks_default(&self, to: &TypeName, default: &CodeName, site: Option<&SiteName>, open: &mut Open) {
        for key in self.default_keys(to, default, site) {
            open.want(key, &format!("{to} '{default}', the declared default"), None);
        }
        open.helper(crate::mark::brings_name(to, default.key()));
    }
}

/// How needed a field's reference is. One that must have a value is as good as required.
pub(super) fn need_of(field: &Field, reference: &Reference) -> Need {
    match &reference.need {
        Need::Optional if field.required => Need::Required,
        need => need.clone(),
    }
}

/// The reference declaration of a field, if it is one.
pub(super) fn reference_of(field: &Field) -> Option<&Reference> {
    match &field.kind {
        Kind::Reference(reference) => Some(reference),
        _ => None,
    }
}
