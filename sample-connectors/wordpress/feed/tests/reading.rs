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
    let submission = Submission { connector: "c".into(), site: "s".into(), ..Submission::default() };
    tasks(&export, &submission).into_iter().map(|task| task.title).collect()
}

/// Why a file is refused, or the first object in it.
fn refusal(text: &str) -> String {
    match Export::read("x.xml", text.as_bytes()) {
        Err(refused) => refused.to_string(),
        Ok(export) => export.told().first().unwrap().what.to_string(),
    }
}

fn told(bytes: &[u8]) -> (Vec<String>, Vec<String>) {
    let export = Export::read("x.xml", bytes).unwrap();
    let submission = Submission { connector: "c".into(), site: "s".into(), ..Submission::default() };
    let titles = tasks(&export, &submission).into_iter().map(|task| task.title).collect();
    (titles, export.told().iter().map(|told| told.what.to_string()).collect())
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
    let submission = Submission { connector: "c".into(), site: "s".into(), ..Submission::default() };
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
        ("<a>&nosuch;</a>", "the entity &nosuch; is not defined"),
        ("<a>]]></a>", "\"]]>\" in text"),
        ("<a></b>", "this is not XML"),
        ("<a b='<'/>", "holds \"<\""),
        ("<a b='1' b='2'/>", "an attribute is not XML"),
        ("<x:a/>", "is not bound to a namespace"),
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
    assert!(refusal("<html><body>Log in</body></html>").contains("WordPress"));
}

#[test]
fn an_object_that_nothing_identifies_is_refused() {
    let item = export("<item><wp:post_type>post</wp:post_type></item>");
    assert!(refusal(&item).contains("this <item> has no <wp:post_id>"));
}

fn post(id: u32, title: &str) -> String {
    format!("<item><title>{title}</title><wp:post_id>{id}</wp:post_id><wp:post_type>post</wp:post_type></item>\n")
}

/// One bad item cost the whole export.
#[test]
fn one_bad_item_is_left_out_with_its_place_and_the_others_go() {
    let text = export(&[post(1, "a"), post(2, "<b>"), post(3, "c"), post(4, "&nosuch;"), post(5, "e")].concat());
    let (titles, told) = told(text.as_bytes());
    assert_eq!(titles, ["post 1: a", "post 3: c", "post 5: e"]);
    assert_eq!(told.len(), 2, "{told:?}");
    assert!(told[0].starts_with("x.xml:3:") && told[1].starts_with("x.xml:5:14: the entity &nosuch; is not defined"), "{told:?}");
}

#[test]
fn what_nothing_identifies_is_left_out_alone() {
    let text = export(&format!("<wp:category/>{}<item><wp:post_type>post</wp:post_type></item>", post(1, "a")));
    let (titles, told) = told(text.as_bytes());
    assert_eq!((titles.len(), told.len()), (1, 2), "{told:?}");
}

#[test]
fn what_means_one_thing_is_read() {
    for channel in [post(1, "Tea & coffee"), post(1, "Tea&nbsp;&amp;&copy;"), post(1, "a\u{1}b")] {
        assert_eq!(told(export(&channel).as_bytes()).0.len(), 1, "{channel}");
    }
    let (_, said) = told(export(&post(1, "a\u{1d}b\u{1d}")).as_bytes());
    assert!(said[0].starts_with("x.xml:2:") && said[0].contains("\\u{1d} is not allowed in XML, and is left out, 2 times"), "{said:?}");
    let crlf = export(&post(1, "a")).replace('\n', "\r\n");
    assert_eq!(told(format!("\u{feff}\n<?xml version=\"1.0\"?>\n{crlf}").as_bytes()), (vec!["post 1: a".to_owned()], vec![]));
}

/// `é` in one byte, where "caf_" stands.
fn with_a_latin_e(text: String) -> Vec<u8> {
    let at = text.find("caf_").unwrap() + 3;
    let mut bytes = text.into_bytes();
    bytes[at] = 0xe9;
    bytes
}

#[test]
fn the_charset_is_the_one_that_is_said() {
    let declared = format!("<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?>{}", export(&post(1, "caf_")));
    let latin = with_a_latin_e(declared);
    assert_eq!(told(&latin), (vec!["post 1: café".to_owned()], vec![]));
    let wide: Vec<u8> = [0xfeff].into_iter().chain(export(&post(1, "café")).encode_utf16()).flat_map(u16::to_le_bytes).collect();
    assert_eq!(told(&wide).0, ["post 1: café"]);
    let bytes = with_a_latin_e(export(&[post(1, "good"), post(2, "caf_"), post(3, "good")].concat()));
    let (titles, said) = told(&bytes);
    assert_eq!(titles, ["post 1: good", "post 3: good"]);
    assert!(said[0].starts_with("x.xml:3:17: this is not UTF-8"), "{said:?}");
}

#[test]
fn two_things_of_one_id_are_told() {
    let (titles, said) = told(export(&[post(1, "a"), post(1, "a"), post(2, "b"), post(2, "c")].concat()).as_bytes());
    assert_eq!(titles.len(), 4);
    assert_eq!(said.len(), 1);
    assert!(said[0].starts_with("x.xml:5:1: post 2 stands in line 4 too, and says something else"), "{said:?}");
}

/// A second file was refused, for its first task had the key of the first one's.
#[test]
fn a_bad_file_does_not_cost_the_next_one_and_each_change_has_a_key() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    std::fs::write(path("one.xml"), export(&post(1, "a"))).unwrap();
    std::fs::write(path("bad.xml"), "<rss>").unwrap();
    std::fs::write(path("two.xml"), export(&post(1, "b"))).unwrap();
    let run = |fetched: &str| {
        let mut feed = Command::new(env!("CARGO_BIN_EXE_wordpress-feed"));
        feed.args([path("one.xml"), path("bad.xml"), path("gone.xml"), path("two.xml"), path("one.xml")]);
        let made = feed.args(["--out", "-", "--repeatable", "--fetched", fetched]).assert().code(1);
        let output = made.get_output();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(said.contains("bad.xml:1:1: ") && said.contains("gone.xml") && said.contains("wrote 3, refused 0, left out 2"), "{said}");
        let lines = String::from_utf8_lossy(&output.stdout).into_owned();
        let keys = lines.lines().map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap()["idempotency_key"].to_string());
        keys.collect::<Vec<_>>()
    };
    let first = run("monday");
    assert_eq!(first, run("monday"));
    let mut all = [first, run("tuesday")].concat();
    all.sort();
    all.dedup();
    assert_eq!(all.len(), 6, "the way back from b to a is a change, and so is what is fetched again");
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
