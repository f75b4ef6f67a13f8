//! Deleting culture versions and pages (§5).

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::failure::{Code, Failure};
use crate::history::Action;
use crate::key::{PageKey, ReferrersOf};
use crate::names::SiteName;
use crate::plan::grant::Because;
use crate::plan::{Step, Stop};
use crate::prepared::TreeNode;
use crate::rows::{PageRow, RowId, Target};
use crate::task::TaskType;

impl Step<'_, '_> {
    pub(super) fn delete_page_task(&mut self, site: &SiteName, page: &TreeNode) -> Result<(), Stop> {
        let all = self.task.task_type == TaskType::DeleteAllCultures;
        let found = self.existing_page(site, page)?.filter(|row| all || row.cultures.contains_key(&page.culture));
        let Some(before) = found else {
            let name = page.alias.as_ref().map_or(&*page.name, |alias| alias.as_str()).to_owned();
            self.written(page.class_name.as_str(), format!("{name} ({})", page.culture), Action::Absent);
            return Ok(());
        };
        self.may_write_page(&before)?;
        if all || before.cultures.len() == 1 {
            return self.delete_page(before);
        }
        let mut after = (*before).clone();
        after.cultures.remove(&page.culture);
        self.put_page(Some(before), after, Some(&page.culture), Because::Asked)
    }

    /// Deletes a node with all its cultures. Refused while it has child pages, or a required
    /// reference points to it.
    fn delete_page(&mut self, row: Arc<PageRow>) -> Result<(), Stop> {
        if let Some(child) = self.ask(&PageKey::ChildOf(row.id))? {
            let message = format!("page {} has child pages, {} among them", row.alias, child.alias);
            return Err(Failure::new(Code::PageHasChildren, message).into());
        }
        let target = Target::Page(row.id);
        self.want(&[PageKey::Id(row.id).into(), ReferrersOf(target).into()])?;
        let going = BTreeSet::from([RowId::Page(row.id)]);
        self.detach(std::iter::once((target, row.class_name.clone(), row.alias.to_string())), &going)?;
        self.drop_page(row, Because::Asked)
    }
}
