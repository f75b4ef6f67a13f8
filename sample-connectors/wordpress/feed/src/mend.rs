//! One bad object does not cost the others: where a file is no XML as a whole, the objects that are none are left out,
//! each with its place, and the rest is read.

use std::ops::Range;

use crate::namespaces;
use crate::place::Mistake;
use crate::xml;

/// What RSS has in a channel, items and what nobody reads here.
const OF_THE_CHANNEL: [&str; 8] = ["item", "title", "link", "description", "pubDate", "language", "generator", "image"];

/// The text with a blank for each byte of what cannot be read, and what that was. `None`: what is wrong is not in an
/// object.
pub(crate) fn without_what_is_broken(text: &str) -> Option<(String, Vec<Mistake>)> {
    let root = root_tag(text)?;
    let prefix = namespaces::wxr_prefix(root)?;
    let within = |name: &str| format!("{prefix}:{name}");
    let of_wordpress = ["author", "category", "tag", "term"].map(within);
    let names: Vec<String> = OF_THE_CHANNEL.map(str::to_owned).into_iter().chain(of_wordpress).collect();
    let frame = Frame { head: format!("{root}<channel>"), comment: within("comment") };
    let mut mended = text.to_owned();
    let mut mistakes = Vec::new();
    for unit in units(text, &names) {
        frame.mend(text, unit, &mut mended, &mut mistakes);
    }
    (!mistakes.is_empty()).then_some((mended, mistakes))
}

/// `<rss …>`
fn root_tag(text: &str) -> Option<&str> {
    let tag = text.get(text.find("<rss")?..)?;
    tag.get(..=tag.find('>')?)
}

struct Frame {
    head: String,
    comment: String,
}

impl Frame {
    /// A bad comment is left out of its post; a post that is bad without it, whole.
    fn mend(&self, text: &str, unit: Range<usize>, mended: &mut String, mistakes: &mut Vec<Mistake>) {
        let Err(mistake) = self.read(text, unit.clone()) else { return };
        let own = text.get(unit.clone()).unwrap_or_default();
        let comments = units(own, std::slice::from_ref(&self.comment));
        let comments = comments.into_iter().map(|comment| comment.start + unit.start..comment.end + unit.start);
        let bad: Vec<(Range<usize>, Mistake)> =
            comments.filter_map(|comment| Some((comment.clone(), self.read(text, comment).err()?))).collect();
        let mut without = own.to_owned();
        for (comment, _) in &bad {
            blank(&mut without, comment.start - unit.start..comment.end - unit.start);
        }
        if !bad.is_empty() && self.parses(&without) {
            mended.replace_range(unit, &without);
            mistakes.extend(bad.into_iter().map(|(_, mistake)| mistake));
        } else {
            blank(mended, unit);
            mistakes.push(mistake);
        }
    }

    fn parses(&self, own: &str) -> bool {
        xml::parse(&format!("{}{own}</channel></rss>", self.head)).is_ok()
    }

    /// Its mistake, at its place in the text.
    fn read(&self, text: &str, unit: Range<usize>) -> Result<(), Mistake> {
        let own = text.get(unit.clone()).unwrap_or_default();
        let read = xml::parse(&format!("{}{own}</channel></rss>", self.head));
        read.map(drop).map_err(|mistake| {
            let inside = mistake.offset.saturating_sub(self.head.len()).min(own.len());
            Mistake { offset: unit.start + inside, ..mistake }
        })
    }
}

/// Lines stay lines, so that all else stays where it is.
fn blank(text: &mut String, range: Range<usize>) {
    let blanks: String = text.get(range.clone()).unwrap_or_default().bytes().map(|byte| if byte == b'\n' { '\n' } else { ' ' }).collect();
    text.replace_range(range, &blanks);
}

/// Where elements of these names begin and end, however broken they are inside. One that does not end before another
/// of its name begins ends there; one that does not end at all is none.
fn units(text: &str, names: &[String]) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut open: Option<(usize, &String)> = None;
    let mut at = 0;
    while let Some(next) = text.get(at..).and_then(|rest| rest.find('<')).map(|next| at + next) {
        let rest = text.get(next..).unwrap_or_default();
        at = next + 1;
        let skipped = [("<!--", "-->"), ("<![CDATA[", "]]>")].into_iter().find(|(begins, _)| rest.starts_with(begins));
        if let Some((begins, ends)) = skipped {
            at = rest.get(begins.len()..).and_then(|rest| rest.find(ends)).map_or(text.len(), |end| next + begins.len() + end + ends.len());
        } else if let Some((begin, _)) = open.filter(|(_, name)| tag(rest, &format!("</{name}"))) {
            let end = rest.find('>').map_or(text.len(), |end| next + end + 1);
            found.push(begin..end);
            open = None;
            at = end;
        } else if let Some(name) = names.iter().find(|name| tag(rest, &format!("<{name}"))) {
            if let Some((begin, _)) = open.filter(|(_, before)| *before == name) {
                found.push(begin..next);
                open = None;
            }
            open = open.or(Some((next, name)));
        }
    }
    found
}

/// Whether a tag begins here, and no other with a longer name.
fn tag(text: &str, begins: &str) -> bool {
    text.strip_prefix(begins).is_some_and(|rest| rest.starts_with(|c: char| c.is_whitespace() || matches!(c, '>' | '/')))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(channel: &str) -> (String, Vec<String>) {
        let text = format!("<rss xmlns:wp=\"http://wordpress.org/export/1.2/\"><channel>\n{channel}\n</channel></rss>");
        let (mended, mistakes) = without_what_is_broken(&text).unwrap();
        assert_eq!(mended.len(), text.len());
        assert!(xml::parse(&mended).is_ok(), "{mended}");
        (mended, mistakes.into_iter().map(|mistake| mistake.what).collect())
    }

    #[test]
    fn a_broken_item_goes_and_the_others_stay() {
        let (mended, told) =
            read("<item>1</item>\n<item>&nosuch;</item>\n<item><![CDATA[</item>]]>3</item>\n<item><b></item>\n<item>5</item>");
        assert_eq!(told.len(), 2, "{told:?}");
        assert!(mended.contains("1</item>") && mended.contains("3</item>") && mended.contains("5</item>"));
        assert!(!mended.contains("nosuch"));
    }

    #[test]
    fn an_item_that_does_not_end_goes_alone() {
        let (mended, told) = read("<item>one\n<item>2</item>");
        assert_eq!(told.len(), 1);
        assert!(mended.contains("<item>2</item>") && !mended.contains("one"), "{mended}");
    }

    #[test]
    fn a_broken_comment_does_not_cost_its_post() {
        let (mended, told) = read("<item>post<wp:comment>&nosuch;</wp:comment><wp:comment>good</wp:comment></item>");
        assert_eq!(told.len(), 1);
        assert!(mended.contains("post") && mended.contains("good") && !mended.contains("nosuch"), "{mended}");
    }

    #[test]
    fn a_broken_category_does_not_cost_its_posts() {
        let (mended, _) = read("<wp:category><wp:cat_name></wp:category><item>post</item>");
        assert!(mended.contains("post") && !mended.contains("cat_name"));
    }
}
