//! Deleting culture versions and pages (§5). Child pages, and who points to the page, are judged when all have
//! acted.

use std::sync::Arc;

use crate::history::Action;
use crate::key::{PageKey, ReferrersOf};
use crate::names::SiteName;
use crate::plan::grant::Because;
use crate::plan::page_place::Under;
use crate::plan::{Step, Stop};
use crate::prepared::TreeNode;
use crate::rows::{PageRow, Target};
use crate::task::TaskType;

impl<'a> Step<'a, '_> {
    pub(super) fn delete_page_task(&mut self, site: &SiteName, page: &'a TreeNode) -> Result<(), Stop> {
        // A tombstone of what is deleted (§7.4) belongs here.
        let all = self.about.task_type == TaskType::DeleteAllCultures;
        let under = match page.node_guid {
            // The path matters only where no GUID finds the page.
            Some(guid) if self.ask(&PageKey::Guid(site.clone(), guid))?.is_some() => Under::Unsaid,
            _ => match self.under(site, page.parent.as_ref()) {
                Ok(under) => under,
                // What the connector does not know is not stored either.
                Err(Stop::Fail(_)) => return self.is_absent(page),
                Err(stop) => return Err(stop),
            },
        };
        let found = self.existing_page(site, page, &under)?.row.filter(|row| all || row.cultures.contains_key(&page.culture));
        let Some(before) = found else { return self.is_absent(page) };
        self.may_lie(&before)?;
        if all || before.cultures.len() == 1 {
            return self.delete_page(before);
        }
        let mut after = (*before).clone();
        if let Some(version) = after.cultures.remove(&page.culture) {
            self.end_all(&version.links)?;
        }
        self.want(&[ReferrersOf(Target::Page(before.id)).into()])?;
        self.put_page(Some(before.clone()), after, Some(&page.culture), Because::Asked)?;
        self.has_gone_culture(before);
        Ok(())
    }

    fn is_absent(&mut self, page: &TreeNode) -> Result<(), Stop> {
        let name = page.alias.as_ref().map_or(&*page.name, |alias| alias.as_str()).to_owned();
        self.written(page.class_name.as_str(), format!("{name} ({})", page.culture), Action::Absent);
        Ok(())
    }

    /// Deletes a node with all its cultures.
    fn delete_page(&mut self, row: Arc<PageRow>) -> Result<(), Stop> {
        let target = Target::Page(row.id);
        self.want(&[PageKey::Id(row.id).into(), ReferrersOf(target).into()])?;
        let referrers = self.ask(&ReferrersOf(target))?;
        self.bounded(referrers.len())?;
        self.load_referrers(&referrers)?;
        self.drop_owned_bindings(target)?;
        self.end_not_made_of(target, &row.class_name)?;
        for version in row.cultures.values() {
            self.end_all(&version.links)?;
        }
        self.drop_page(row.clone(), Because::Asked)?;
        self.has_gone_page(row);
        Ok(())
    }
}
