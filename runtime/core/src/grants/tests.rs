use super::*;

fn manifest(text: &str) -> Manifest {
    Manifest::parse(text).unwrap()
}

fn types(patterns: &[&str]) -> Vec<TypePattern> {
    patterns.iter().map(|pattern| pattern.parse().unwrap()).collect()
}

fn name(name: &str) -> crate::names::TypeName {
    crate::names::TypeName::new(name).unwrap()
}

fn operator_of(grant: &Grant, check: impl FnOnce(Operator<'_>)) {
    let settings = BTreeMap::from([("base_url".to_owned(), "x".to_owned()), ("other".to_owned(), "y".to_owned())]);
    let (limits, http) = (Limits::default(), HttpLimits::default());
    check(Operator {
        connector: "shop",
        grant,
        limits: &limits,
        http: &http,
        settings: &settings,
        secrets: &BTreeMap::new(),
        dry_run: false,
    });
}

#[test]
fn both_keys_are_needed_to_write() {
    let grant = Grant { objects: types(&["shop.*", "cms.user"]), ..Grant::default() };
    operator_of(&grant, |operator| {
        let write = operator.write_grant(&manifest("objects = ['shop.product', 'cms.role']"));
        assert!(write.object_type(&name("shop.product")).is_ok());
        for denied in ["cms.user", "cms.role", "shop.variant", "cms.site"] {
            assert_eq!(write.object_type(&name(denied)).unwrap_err().code, crate::failure::Code::WriteDenied, "{denied}");
        }
    });
}

#[test]
fn a_namespace_ends_at_its_dot() {
    let pattern: TypePattern = "shop.*".parse().unwrap();
    assert!(pattern.matches(&name("shop.a.b")) && !pattern.matches(&name("shopping.a")) && !pattern.matches(&name("shop")));
    for wrong in ["shop*", "*.shop", "sh*p", "a.*.b", "", ".*", "**"] {
        assert!(wrong.parse::<TypePattern>().is_err(), "{wrong}");
    }
}

#[test]
fn a_subtree_holds_its_root_and_what_is_under_it() {
    let subtree: Subtree = "/News/2026".parse().unwrap();
    let holds = |path: &str| subtree.contains(crate::names::path_steps(path).unwrap().iter());
    assert!(holds("/news/2026") && holds("/news/2026/a/b"));
    assert!(!holds("/news") && !holds("/news/20260") && !holds("/"));
    assert!("/".parse::<Subtree>().unwrap().covers(&subtree));
    assert!("news".parse::<Subtree>().is_err());
}

/// `/news/*` was the page with the alias `*` under `/news`, which there is not: nothing was granted.
#[test]
fn a_star_in_a_path_is_refused_with_what_to_write_instead() {
    for (star, instead) in [("/news/*", "\"/news\""), ("/*", "\"/\""), ("/news/**/x", "\"/news\""), ("/a/b*/", "\"/a\"")] {
        let error = star.parse::<Subtree>().unwrap_err().to_string();
        assert!(error.contains(instead) && error.contains(star), "{error}");
    }
    let error = Manifest::parse("pages = ['/', '/news/*']").unwrap_err();
    assert_eq!((error.line, error.column), (Some(1), Some(15)), "{error}");
}

#[test]
fn settings_hosts_and_state_are_what_both_name() {
    let origin: Origin = "https://shop.example".parse().unwrap();
    let grant = Grant { hosts: vec![origin.clone()], state: true, ..Grant::default() };
    operator_of(&grant, |operator| {
        let granted = operator.granted(&manifest("settings = ['base_url']\nhosts = ['https://other.example']"));
        assert_eq!(granted.settings.keys().collect::<Vec<_>>(), ["base_url"]);
        assert!(granted.egress.origins.is_empty() && !granted.state);
        let granted = operator.granted(&manifest("hosts = ['*']\nstate = true"));
        assert_eq!(granted.egress.origins, [origin]);
        assert!(granted.settings.is_empty() && granted.state);
    });
}

#[test]
fn a_component_without_a_manifest_asks_for_writes_and_settings_only() {
    let grant =
        Grant { hosts: vec!["https://shop.example".parse().unwrap()], state: true, objects: types(&["shop.*"]), ..Grant::default() };
    operator_of(&grant, |operator| {
        let none = Manifest::of(None).unwrap();
        let granted = operator.granted(&none);
        assert!(granted.egress.origins.is_empty() && !granted.state && granted.settings.len() == 2);
        let write = operator.write_grant(&none);
        assert!(write.object_type(&name("shop.product")).is_ok() && write.object_type(&name("cms.user")).is_err());
    });
}

#[test]
fn asks_say_how_much_is_granted() {
    let grant = Grant { objects: types(&["shop.product"]), ..Grant::default() };
    operator_of(&grant, |operator| {
        let asks = operator.asks(&manifest("objects = ['shop.*', 'shop.product', 'cms.user']\nsettings = ['missing', '*']\nstate = true"));
        let said: Vec<_> = asks.iter().map(|ask| format!("{} {}: {}", ask.what, ask.item, ask.granted.as_str())).collect();
        assert_eq!(
            said,
            [
                "objects shop.*: partly",
                "objects shop.product: granted",
                "objects cms.user: not granted",
                "settings missing: not granted",
                "settings *: granted",
                "state true: not granted"
            ]
        );
    });
}

#[test]
fn an_upgrade_says_what_is_new() {
    let before = manifest("objects = ['shop.*']\nsecrets = ['token']\nhosts = ['https://a.example']");
    let after = manifest("objects = ['shop.product', 'cms.user']\nsecrets = ['token', 'key']\nhosts = ['*']\nstate = true");
    assert_eq!(after.beyond(&before), ["objects cms.user", "hosts *", "secrets key", "state"]);
    assert!(before.beyond(&before).is_empty());
    assert!(manifest("").beyond(&Manifest::default()).is_empty());
    assert_eq!(Manifest::default().beyond(&manifest("")), ["objects *", "pages /", "sites *", "settings *"]);
}

#[test]
fn a_mistake_is_named_with_its_place() {
    let error = Manifest::parse("objects = ['shop.*']\npagse = ['/']\n").unwrap_err();
    assert_eq!((error.line, error.column), (Some(2), Some(1)));
    let error = Manifest::parse("\nhosts = ['https://a.example/path']\n").unwrap_err();
    assert_eq!((error.line, error.column), (Some(2), Some(10)));
}

/// What a manifest asks for is printed for operators to paste: a secret named `x]\nstate = true` put
/// an active line into that.
#[test]
fn what_a_manifest_names_is_a_name() {
    for (key, item) in [
        ("settings", "a\\n[server]"),
        ("settings", "base url"),
        ("settings", ""),
        ("secrets", "key]\\nstate = true"),
        ("secrets", "\\u202Ekey"),
        ("secrets", ""),
        ("sites", "blog\\r"),
        ("objects", "shop.a\\nb"),
        ("pages", "/a\\nb"),
        ("hosts", "https://a.example\\n.example"),
    ] {
        let text = format!("state = true\n{key} = [\"{item}\"]\n");
        let error = Manifest::parse(&text).expect_err(&text);
        assert_eq!((error.line, error.column), (Some(2), Some(key.len() + 5)), "{error}");
        assert!(!error.message.contains('\n') && !error.message.contains('\u{202e}'), "{error}");
    }
    assert!(Manifest::parse("settings = ['base_url', 'a.b-c', '*']\nsecrets = ['api-token']").is_ok());
}
