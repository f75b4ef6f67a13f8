//! What is refused, in what order tasks come, and how the program ends.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "helpers of tests, which may fail loudly")]

use assert_cmd::Command;
use wordpress_feed::{Export, Submission, tasks};

const SAMPLE: &str = include_str!("../../data/sample.xml");

fn export(channel: &str) -> String {
    format!("<rss xmlns:wp=\"https://wordpress.org/export/1.2/\">\n<channel><wp:wxr_version>1.2</wp:wxr_version>{channel}</channel></rss>")
}

fn titles(text: &str) -> Vec<String> {
    let export = Export::read("x.xml", text.as_bytes()).unwrap();
    let submission = Submission { connector: "c".into(), site: "s".into() };
    tasks(&export, &submission).into_iter().map(|task| task.title).collect()
}

fn refusal(text: &str) -> String {
    Export::read("x.xml", text.as_bytes()).unwrap_err().to_string()
}

#[test]
fn what_is_referred_to_comes_first() {
    assert_eq!(
        titles(SAMPLE),
        [
            "user mei",
            "category tea",
            "category oolong",
            "tag gongfu",
            "nav_menu main",
            "page 101: Brewing",
            "page 102: Water",
            "post 201: Spring harvest 🍃",
            "post 202: Autumn",
            "attachment 301: leaves",
            "featured medium of post 201",
            "post 201 in oolong",
            "post 201 in gongfu",
            "post 202 in undeclared",
            "comment 1 on 201",
            "comment 2 on 201",
            "nav_menu_item 401: (no title)",
            "nav_menu_item 402: Oolong",
            "wp_block 501: A reusable block",
        ]
    );
}

#[test]
fn an_external_object_holds_the_bytes_of_the_export() {
    let body = "<wp:tag><wp:tag_slug>a</wp:tag_slug>\t<wp:tag_name><![CDATA[ A&amp; ]]></wp:tag_name></wp:tag>";
    let text = export(body);
    let export = Export::read("x.xml", text.as_bytes()).unwrap();
    let submission = Submission { connector: "c".into(), site: "s".into() };
    let task = tasks(&export, &submission).remove(0);
    let document = format!("<wxr kind=\"tag\" xmlns:wp=\"https://wordpress.org/export/1.2/\">{body}</wxr>");
    assert_eq!(String::from_utf8_lossy(task.body.as_bytes()), document);
}

#[test]
fn a_namespace_that_changes_its_meaning_is_refused() {
    let redefined = export("<item xmlns:wp=\"http://evil.example/\"/>");
    assert!(refusal(&redefined).starts_with("x.xml:2:46: the prefix \"wp\" stands for"), "{}", refusal(&redefined));
    let second = export("<item xmlns:alt=\"http://wordpress.org/export/1.1/\"/>");
    assert!(refusal(&second).contains("bound to WordPress's namespace a second time"));
    let none = "<rss><channel/></rss>";
    assert!(refusal(none).contains("no prefix is bound to WordPress's namespace"));
}

#[test]
fn what_is_not_xml_is_refused() {
    for (channel, expected) in [
        ("<a>&nbsp;</a>", "the entity &nbsp; is not defined"),
        ("<a>]]></a>", "\"]]>\" in text"),
        ("<a></b>", "this is not XML"),
        ("<a b='<'/>", "holds \"<\""),
        ("<a b='1' b='2'/>", "an attribute is not XML"),
        ("<x:a/>", "is not bound to a namespace"),
        ("<a>\u{1}</a>", "is not allowed in XML"),
        ("<a>&#0;</a>", "is no character of XML"),
        ("<!-- a -- b -->", "this is not XML"),
    ] {
        let refusal = refusal(&export(channel));
        assert!(refusal.contains(expected), "{channel}: {refusal}");
    }
    assert!(refusal(&format!("<!DOCTYPE rss>{}", export(""))).contains("document type declaration"));
    assert!(refusal(&format!("{}x", export(""))).contains("text outside the root"));
    assert!(refusal("").contains("holds no element"));
    assert!(Export::read("x.xml", b"\xff").unwrap_err().to_string().contains("not UTF-8"));
}

#[test]
fn an_object_that_nothing_identifies_is_refused() {
    let item = export("<item><wp:post_type>post</wp:post_type></item>");
    assert!(refusal(&item).contains("this <item> has no <wp:post_id>"));
}

#[test]
fn the_exit_code_says_what_kind_of_failure_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let good = folder.path().join("good.xml");
    let bad = folder.path().join("bad.xml");
    std::fs::write(&good, SAMPLE).unwrap();
    std::fs::write(&bad, "<rss>").unwrap();
    let feed = || Command::new(env!("CARGO_BIN_EXE_wordpress-feed"));
    let out = feed().arg(&good).args(["--out", "-"]).assert().code(0);
    assert_eq!(out.get_output().stdout.iter().filter(|byte| **byte == b'\n').count(), 19);
    feed().arg(&bad).args(["--out", "-"]).assert().code(2).stdout("");
    feed().arg("no such file").assert().code(2);
    feed().arg(&good).args(["--url", "http://127.0.0.1:1"]).assert().code(3);
}
