//! Mending loose ends (§11.4).

use std::sync::Arc;

use crate::change::Change;
use crate::failure::{Code, Failure};
use crate::key::{BindingKey, LooseKey, ObjectKey, PageKey};
use crate::maps::HashMap;
use crate::model::{ContentModel, Need, ObjectType};
use crate::park::{LooseAt, LooseEnd, NotMade};
use crate::plan::grant::Because;
use crate::plan::open::Open;
use crate::plan::references::reference_of;
use crate::plan::rewrite::{How, Spot, Standing};
use crate::plan::step::{About, Step};
use crate::plan::{PlanLimits, Planned, Sources, Stop, View};
use crate::rows::{BindingId, BindingRow, Fields, Link, Links, LooseId, Owner, RowId, Target};
use crate::task::{DataType, TaskType};
use crate::value::Stored;

/// What became of a loose end.
enum Became {
    Mended,
    /// Nothing is loose any more where it was.
    Ended,
    /// It waits on: for an answer, or for what refuses it.
    Waits(Open, LooseAt),
}

/// Looks whether a loose end's question has an answer by now, and sets the field or makes the binding. `true`:
/// it is mended. `false`: it waits on, or it has ended with the row that it was of; the planned changes say which,
/// and are to be carried out in any case. On `Err` the view is as it was.
pub fn mend(
    end: &Arc<LooseEnd>,
    model: &ContentModel,
    limits: PlanLimits<'_>,
    view: &mut View,
    sources: &mut Sources<'_>,
) -> Result<(bool, Planned), Stop> {
    let params = HashMap::default();
    let about = About {
        task: end.task,
        connector: &end.connector,
        task_type: TaskType::UpdateObject,
        data_type: DataType::SimpleSnapshot,
        site: None,
        deletes_allowed: false,
        params: &params,
        limits,
    };
    let mut step = Step::new(about, &[], model, view, sources);
    let result = step.mend(end.id);
    match result {
        Ok(mended) => step.finish_one(Ok(())).map(|planned| (mended, planned)),
        // It is not made: the content model or a grant refuses it.
        Err(Stop::Unmet(unmet)) => {
            step.take_back();
            let mut step = Step::new(about, &[], model, view, sources);
            let waits = step.refused(end, Open::from(*unmet));
            step.finish_one(waits).map(|planned| (false, planned))
        }
        Err(Stop::Fail(failure)) => {
            step.take_back();
            let mut step = Step::new(about, &[], model, view, sources);
            let waits = step.refused(end, Open::new(failure));
            step.finish_one(waits).map(|planned| (false, planned))
        }
        Err(stop) => step.finish_one(Err(stop)).map(|planned| (false, planned)),
    }
}

impl Step<'_, '_> {
    fn mend(&mut self, id: LooseId) -> Result<bool, Stop> {
        let Some(end) = self.ask(&LooseKey(id))? else { return Ok(false) };
        self.notes.words.extend(end.wants.iter().map(|want| (want.mark, want.what.clone())));
        let became = match &end.at {
            LooseAt::NotMade(not_made) => self.mend_binding(not_made)?,
            LooseAt::Object(row, field) => self.mend_field(&end, Spot { row: RowId::Object(*row), culture: None, field: field.clone() })?,
            LooseAt::Page(row, culture, field) => {
                self.mend_field(&end, Spot { row: RowId::Page(*row), culture: Some(culture.clone()), field: field.clone() })?
            }
            LooseAt::Binding(row, field) => {
                self.mend_field(&end, Spot { row: RowId::Binding(*row), culture: None, field: field.clone() })?
            }
        };
        match became {
            Became::Mended => self.end_loose(id).map(|()| true),
            Became::Ended => self.end_loose(id).map(|()| false),
            Became::Waits(open, at) => self.wait_on(&end, at, open).map(|()| false),
        }
    }

    /// There is an answer, and something else refuses it: it waits for that too.
    fn refused(&mut self, end: &Arc<LooseEnd>, mut open: Open) -> Result<(), Stop> {
        for want in &end.wants {
            if open.wants.iter().all(|other| other.mark != want.mark) {
                open.wants.push(want.clone());
            }
        }
        self.wait_on(end, end.at.clone(), open)
    }

    /// It was looked at, and waits for what is wanted now.
    fn wait_on(&mut self, end: &Arc<LooseEnd>, at: LooseAt, open: Open) -> Result<(), Stop> {
        let Some(before) = self.ask(&LooseKey(end.id))? else { return Ok(()) };
        let mut after = (*before).clone();
        after.at = at;
        after.wants = open.wants;
        self.change(Change::Loose(Some(before), Some(Arc::new(after))), Because::Follows)
    }

    fn mend_field(&mut self, end: &LooseEnd, spot: Spot) -> Result<Became, Stop> {
        let Some(standing) = self.standing(&spot)? else { return Ok(Became::Ended) };
        // Somebody has written the field since.
        let Some(link) = standing.link.clone().filter(|link| link.loose == Some(end.id)) else { return Ok(Became::Ended) };
        let Some((to, need)) = self.needed(&standing.type_name, &spot) else { return Ok(Became::Ended) };
        if let Some(hit) = self.resolve(&link.stated)? {
            self.set(&spot, Some(hit.target), Some(Link { loose: None, ..link }), How::Asked)?;
            return Ok(Became::Mended);
        }
        if let Need::RequiredWithDefault(default) = &need {
            self.take_default(&spot, &standing, &link, &to, default)?;
        }
        let mut open = Open::new(Failure::new(Code::UnresolvedReference, ""));
        self.lacks(&to, &link, &mut open)?;
        if let (Need::RequiredWithDefault(default), None) = (&need, self.standing(&spot)?.and_then(|standing| standing.value)) {
            self.lacks_default(&to, default, standing.site.as_ref(), &mut open);
        }
        Ok(Became::Waits(open, end.at.clone()))
    }

    /// The default, where not even that was there.
    fn take_default(
        &mut self,
        spot: &Spot,
        standing: &Standing,
        link: &Link,
        to: &crate::names::TypeName,
        default: &crate::names::CodeName,
    ) -> Result<(), Stop> {
        if standing.value.is_some() {
            return Ok(());
        }
        match self.default_of(to, default, standing.site.as_ref())? {
            Some(target) => self.set(spot, Some(target), Some(link.clone()), How::Asked),
            None => Ok(()),
        }
    }

    fn mend_binding(&mut self, not_made: &NotMade) -> Result<Became, Stop> {
        let Some(declared) = self.model.object_type(&not_made.binding_type).filter(|declared| declared.is_binding()) else {
            return Ok(Became::Ended);
        };
        let mut at = not_made.clone();
        let mut open = Open::new(Failure::new(Code::UnresolvedReference, ""));
        let owner = match &not_made.owner {
            Owner::Row(target) if self.is_there(*target)? => Some(*target),
            // It went with its owner.
            Owner::Row(_) => return Ok(Became::Ended),
            Owner::Stated(stated) => match self.resolve(stated)? {
                Some(hit) => Some(hit.target),
                None => {
                    self.lacking(stated, None, None, &mut open)?;
                    None
                }
            },
        };
        if let Some(owner) = owner {
            at.owner = Owner::Row(owner);
        }
        let mut fields = plain(&not_made.fields);
        let mut links = Links::new();
        let mut binds = Vec::with_capacity(declared.binds.len());
        for (place, field) in declared.binds.iter().enumerate() {
            let link = not_made.links.get(field);
            let target = match (place, owner, link) {
                (0, owner, _) => owner,
                (_, _, Some(link)) => self.answer_of(link, &mut open)?,
                (_, _, None) => not_made.fields.get(field).and_then(Stored::target),
            };
            if let Some(target) = target {
                fields.insert(field.clone(), Stored::Reference(target));
                binds.push(target);
            }
            if let Some(link) = link {
                links.insert(field.clone(), Link { loose: None, ..link.clone() });
            }
        }
        if binds.len() < declared.binds.len() || !open.wants.is_empty() {
            return Ok(Became::Waits(open, LooseAt::NotMade(at)));
        }
        if self.ask(&BindingKey::Binds(declared.name.clone(), binds.clone()))?.is_some() {
            return Ok(Became::Ended);
        }
        let id = BindingId(self.new_id()?);
        let mut row = BindingRow { id, binding_type: declared.name.clone(), binds, fields, links };
        let mut left = Vec::new();
        self.mend_rest(declared, not_made, &mut row, &mut left, &mut open)?;
        if !open.wants.is_empty() {
            return Ok(Became::Waits(open, LooseAt::NotMade(at)));
        }
        self.put_binding(None, row, Because::Asked)?;
        for (spot, value) in left {
            if let Some(standing) = self.standing(&spot)?
                && let Some(link) = standing.link.clone()
            {
                self.leave_loose(&spot, &standing, link, value, How::Quietly)?;
            }
        }
        Ok(Became::Mended)
    }

    /// The fields beside those that identify it.
    fn mend_rest(
        &mut self,
        declared: &ObjectType,
        not_made: &NotMade,
        row: &mut BindingRow,
        left: &mut Vec<(Spot, Option<Target>)>,
        open: &mut Open,
    ) -> Result<(), Stop> {
        for field in declared.fields.iter().filter(|field| !declared.binds.contains(&field.name)) {
            let (Some(reference), Some(link)) = (reference_of(field), not_made.links.get(&field.name)) else { continue };
            row.links.insert(field.name.clone(), Link { loose: None, ..link.clone() });
            if let Some(hit) = self.resolve(&link.stated)? {
                row.fields.insert(field.name.clone(), Stored::Reference(hit.target));
                continue;
            }
            let value = match &reference.need {
                Need::Required | Need::Binding => {
                    self.answer_of(link, open)?;
                    continue;
                }
                Need::RequiredWithDefault(default) => self.default_of(&reference.to, default, None)?,
                Need::Optional => None,
            };
            left.push((Spot { row: RowId::Binding(row.id), culture: None, field: field.name.clone() }, value));
        }
        Ok(())
    }

    /// What a question finds; what it waits for, if nothing.
    fn answer_of(&mut self, link: &Link, open: &mut Open) -> Result<Option<Target>, Stop> {
        let hit = self.resolve(&link.stated)?;
        if hit.is_none() {
            self.lacking(&link.stated, None, Some(&link.external), open)?;
        }
        Ok(hit.map(|hit| hit.target))
    }

    fn is_there(&mut self, target: Target) -> Result<bool, Stop> {
        Ok(match target {
            Target::Object(id) => self.ask(&ObjectKey::Id(id))?.is_some(),
            Target::Page(id) => self.ask(&PageKey::Id(id))?.is_some(),
        })
    }
}

/// Fields without references: those are looked up again.
fn plain(fields: &Fields) -> Fields {
    fields.iter().filter(|(_, value)| value.target().is_none()).map(|(name, value)| (name.clone(), value.clone())).collect()
}
