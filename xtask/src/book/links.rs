//! Links that lead nowhere. Those to other servers are not followed: whether they answer is not ours to say.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Component, Path, PathBuf};

use anyhow::{Context as _, Result};

/// Pages in Markdown, and folders of them, that readers of the repository follow.
const PAGES: [&str; 6] = ["README.md", "CHANGELOG.md", "SECURITY.md", "guest-sdk", "wit", "runtime"];
/// Written by tools, or for projects that are not there yet.
const LEFT_OUT: [&str; 4] = ["node_modules", "target", "templates", ".git"];

/// In the pages that were built: each link to a file, and to a place in one. And what was to be put in and was not.
pub fn of_the_book(book: &Path) -> Result<Vec<String>> {
    let mut pages = BTreeMap::new();
    for path in files(book, "html")? {
        let text = fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
        pages.insert(path, text);
    }
    let places: BTreeMap<&PathBuf, BTreeSet<&str>> = pages.iter().map(|(path, text)| (path, attributes(text, "id").collect())).collect();
    let mut wrong = Vec::new();
    for (path, text) in &pages {
        if text.contains("{{#") {
            wrong.push(format!("{}: something that was to be put in is not there", path.display()));
        }
        // The page that has all pages, and the one for what is not found, repeat the links of the others.
        if path.ends_with("print.html") || path.ends_with("404.html") {
            continue;
        }
        for link in attributes(text, "href").chain(attributes(text, "src")).filter(|link| !leads_out(link)) {
            let (file, place) = link.split_once('#').unwrap_or((link, ""));
            let target = if file.is_empty() { path.clone() } else { beside(path, file) };
            let found = target.exists() && (place.is_empty() || places.get(&target).is_none_or(|places| places.contains(place)));
            if !found {
                wrong.push(format!("{}: {link}", path.display()));
            }
        }
    }
    Ok(wrong)
}

/// In the repository's own pages: each link to a file, and to a heading of a page.
pub fn of_the_repository(root: &Path) -> Result<Vec<String>> {
    let mut pages = Vec::new();
    for page in PAGES {
        let path = root.join(page);
        if path.is_dir() { pages.extend(files(&path, "md")?) } else { pages.push(path) }
    }
    let mut wrong = Vec::new();
    for path in pages {
        let text = fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
        for link in markdown_links(&text).into_iter().filter(|link| !leads_out(link)) {
            let (file, place) = link.split_once('#').unwrap_or((link, ""));
            let target = if file.is_empty() { path.clone() } else { beside(&path, file) };
            let has_place = || fs::read_to_string(&target).is_ok_and(|text| headings(&text).contains(place));
            if !target.exists() || !(place.is_empty() || has_place()) {
                wrong.push(format!("{}: {link}", path.display()));
            }
        }
    }
    Ok(wrong)
}

fn leads_out(link: &str) -> bool {
    link.contains("://") || ["mailto:", "data:", "javascript:"].iter().any(|scheme| link.starts_with(scheme)) || link.contains("{{")
}

/// A path as seen from a file, without its `..`.
fn beside(file: &Path, relative: &str) -> PathBuf {
    let mut path = file.parent().unwrap_or(file).to_owned();
    for part in Path::new(relative).components() {
        match part {
            Component::ParentDir => {
                path.pop();
            }
            Component::CurDir => {}
            part => path.push(part),
        }
    }
    path
}

/// The values of an attribute, as generators write them.
fn attributes<'a>(html: &'a str, name: &str) -> impl Iterator<Item = &'a str> {
    let begin = format!(" {name}=\"");
    let rest: Vec<&str> = html.split(begin.as_str()).skip(1).collect();
    rest.into_iter().filter_map(|rest| rest.split('"').next())
}

/// Where the links of a page lead, but for those in code.
fn markdown_links(text: &str) -> Vec<&str> {
    let mut found = Vec::new();
    for line in outside_code(text) {
        // Pieces between backticks: every second one is code.
        for prose in line.split('`').step_by(2) {
            let after = prose.split("](").skip(1);
            found.extend(after.filter_map(|rest| rest.split([')', ' ']).next()));
        }
    }
    found
}

/// The anchors that readers of Markdown make of headings.
fn headings(text: &str) -> BTreeSet<String> {
    let lines = outside_code(text).filter(|line| line.starts_with('#'));
    lines.map(|line| anchor(line.trim_start_matches('#').trim())).collect()
}

fn anchor(heading: &str) -> String {
    let kept = heading.chars().filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
    kept.flat_map(char::to_lowercase).map(|c| if c == ' ' { '-' } else { c }).collect()
}

fn outside_code(text: &str) -> impl Iterator<Item = &str> {
    let mut in_code = false;
    text.lines().filter(move |line| {
        let fence = line.trim_start().starts_with("```");
        in_code ^= fence;
        !in_code && !fence
    })
}

/// The files of this ending in a folder and below it.
fn files(folder: &Path, ending: &str) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))? {
        let path = entry?.path();
        if path.is_dir() && !LEFT_OUT.iter().any(|name| path.ends_with(name)) {
            found.extend(files(&path, ending)?);
        } else if path.extension().is_some_and(|end| end == ending) {
            found.push(path);
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_in_code_are_none() {
        let text = "[a](b.md#c) `[d](e)` [`f`](g.md)\n```sh\n[h](i)\n```\n[j](k \"l\")\n";
        let mut links = markdown_links(text);
        links.sort_unstable();
        assert_eq!(links, ["b.md#c", "g.md", "k"]);
    }

    #[test]
    fn a_link_to_nothing_is_found() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
        write("a.html", "<h2 id=\"x\">X</h2><a href=\"b.html#y\"></a><a href=\"b.html#z\"></a><img src=\"gone.svg\"><a href=\"#x\">");
        write("b.html", "<h2 id=\"y\"><a href=\"https://other.example/gone\">");
        let wrong = of_the_book(folder.path()).unwrap();
        assert_eq!(wrong.len(), 2, "{wrong:?}");
        assert!(wrong[0].ends_with("b.html#z") && wrong[1].ends_with("gone.svg"), "{wrong:?}");
    }
}
