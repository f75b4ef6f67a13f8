//! What a source does with pages and nodes.

use std::sync::Arc;

use super::class::Move;
use super::source::{CULTURES, Changed, FEW_NAMES, NAMES, Source};
use super::told::{Kind, Op};

/// Pages that are there at one time, at most.
const PAGES_MAX: usize = 4;
/// The same where they have cultures.
const CULTURE_PAGES_MAX: usize = 3;

impl Source<'_> {
    pub(super) fn make_of_pages(&mut self, what: Move) -> Option<()> {
        match what {
            Move::NewPage => self.new_page(),
            Move::UpdatePage => self.update_page(),
            Move::PutPageUnder => self.move_page(),
            Move::RenamePage => self.rename_page(),
            Move::SwapPages => self.swap_pages(),
            Move::DeletePage => self.delete_page(),
            Move::RecreatePage => self.recreate_page(),
            Move::NewCulturePage => self.new_culture_page(),
            Move::PutCulture => self.put_culture(Op::Put),
            Move::PublishCulture => self.put_culture(Op::Publish),
            Move::ArchiveCulture => {
                let at = self.a_page()?;
                let cultures: Vec<&'static str> = self.things[at].cultures.iter().copied().collect();
                let culture = self.dice.pick(&cultures).copied()?;
                self.tell_culture(at, culture, Op::Archive);
                Some(())
            }
            Move::DeleteCulture => self.delete_culture(),
            _ => None,
        }
    }

    fn pages(&self) -> Vec<usize> {
        self.live(self.page_kind())
    }

    fn a_page(&mut self) -> Option<usize> {
        let pages = self.pages();
        self.dice.pick(&pages).copied()
    }

    /// A page, or the root.
    fn a_parent(&mut self, but: impl Fn(&Self, usize) -> bool) -> Option<usize> {
        let pages: Vec<usize> = self.pages().into_iter().filter(|page| !but(self, *page)).collect();
        let which = self.dice.index(pages.len() + 1);
        pages.get(which).copied()
    }

    fn is_under(&self, mut at: usize, above: usize) -> bool {
        loop {
            if at == above {
                return true;
            }
            match self.things[at].parent {
                Some(parent) => at = parent,
                None => return false,
            }
        }
    }

    fn added_page(&mut self) -> Option<usize> {
        let kind = self.page_kind();
        let parent = self.a_parent(|_, _| false);
        let free = self.free_below(parent, kind, None);
        let name = self.dice.pick(&free)?.clone();
        let serial = self.serial();
        Some(self.add(kind, format!("P{serial}"), Some(Arc::from(format!("p{serial}"))), name, parent))
    }

    fn new_page(&mut self) -> Option<()> {
        if self.pages().len() >= PAGES_MAX {
            return None;
        }
        let at = self.added_page()?;
        self.things[at].refs = self.targets(Some(at), self.class.page_refs);
        self.tell(at, Changed::Whole, Op::Put);
        Some(())
    }

    fn update_page(&mut self) -> Option<()> {
        let at = self.a_page()?;
        self.things[at].number = self.number();
        if let Some(reference) = self.dice.pick(self.class.page_refs).copied() {
            let to = self.target(Some(at), reference);
            self.things[at].refs.remove(&reference);
            self.things[at].refs.extend(to.map(|to| (reference, to)));
        }
        self.tell(at, Changed::Whole, Op::Put);
        Some(())
    }

    fn move_page(&mut self) -> Option<()> {
        let at = self.a_page()?;
        let parent = self.a_parent(|source, page| source.is_under(page, at));
        if !self.free_below(parent, self.page_kind(), Some(at)).contains(&self.things[at].name) {
            return None;
        }
        self.things[at].parent = parent;
        // A node says with everything where it is.
        self.tell(at, Changed::Whole, if self.class.nodes { Op::Put } else { Op::Move });
        Some(())
    }

    fn rename_page(&mut self) -> Option<()> {
        let at = self.a_page()?;
        let name: Arc<str> = self.dice.one_of(if self.class.free_nodes { NAMES } else { FEW_NAMES }).into();
        if !self.free_below(self.things[at].parent, self.page_kind(), Some(at)).contains(&name) {
            return None;
        }
        self.things[at].name = name;
        if self.class.cultures {
            let cultures: Vec<&'static str> = self.things[at].cultures.iter().copied().collect();
            let culture = *self.dice.pick(&cultures)?;
            self.tell_culture(at, culture, Op::Put);
        } else {
            self.tell(at, Changed::Name, Op::Put);
        }
        Some(())
    }

    fn swap_pages(&mut self) -> Option<()> {
        let pages = self.pages();
        let some = self.several(&pages, 2)?;
        if self.things[some[0]].parent != self.things[some[1]].parent && !self.class.free_nodes {
            return None;
        }
        let name = self.things[some[0]].name.clone();
        self.things[some[0]].name = std::mem::replace(&mut self.things[some[1]].name, name);
        some.into_iter().for_each(|at| self.tell(at, Changed::Name, Op::Put));
        Some(())
    }

    fn delete_page(&mut self) -> Option<()> {
        let at = self.a_page()?;
        if !self.children(Some(at), self.page_kind()).is_empty() || self.is_needed(at) {
            return None;
        }
        self.things[at].alive = false;
        self.forget(at);
        self.tell(at, Changed::Whole, Op::Delete);
        Some(())
    }

    fn recreate_page(&mut self) -> Option<()> {
        let gone = self.dead(self.page_kind());
        let at = self.dice.pick(&gone).copied()?;
        let parent = self.a_parent(|_, _| false);
        if !self.free_below(parent, self.page_kind(), None).contains(&self.things[at].name) {
            return None;
        }
        let (number, refs) = (self.number(), self.targets(Some(at), self.class.page_refs));
        let page = &mut self.things[at];
        (page.alive, page.parent, page.number, page.refs) = (true, parent, number, refs);
        self.tell(at, Changed::Whole, Op::Put);
        Some(())
    }

    fn new_culture_page(&mut self) -> Option<()> {
        if self.pages().len() >= CULTURE_PAGES_MAX {
            return None;
        }
        let at = self.added_page()?;
        let culture = self.dice.one_of(CULTURES);
        self.tell_culture(at, culture, Op::Put);
        Some(())
    }

    fn put_culture(&mut self, op: Op) -> Option<()> {
        let (at, culture) = (self.a_page()?, self.dice.one_of(CULTURES));
        self.tell_culture(at, culture, op);
        Some(())
    }

    fn delete_culture(&mut self) -> Option<()> {
        let at = self.a_page()?;
        let cultures: Vec<&'static str> = self.things[at].cultures.iter().copied().collect();
        if cultures.len() < 2 && !self.children(Some(at), Kind::Page).is_empty() {
            return None;
        }
        let culture = *self.dice.pick(&cultures)?;
        self.things[at].cultures.remove(culture);
        self.things[at].alive = cultures.len() > 1;
        self.tell_culture(at, culture, Op::DeleteCulture);
        Some(())
    }
}
