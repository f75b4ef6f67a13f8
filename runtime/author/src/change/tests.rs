use super::*;

/// A contract in small, to be changed.
const OLD: &str = "
    package lockgate:connector@0.1.0;
    interface types {
        enum kind { create, remove }
        variant value { none, text(string) }
        record object { name: string, values: list<value> }
        flags marks { hot, cold }
    }
    interface log { use types.{kind}; log: func(kind: kind, message: string); }
    interface settings { get: func(key: string) -> option<string>; }
    interface translator { use types.{object}; prepare: func(body: list<u8>) -> result<object, string>; }
    world connector { import log; import settings; export translator; }
";

fn changes(replace: &[(&str, &str)]) -> Vec<Change> {
    let mut text = OLD.to_owned();
    for (old, new) in replace {
        assert!(text.contains(old), "{old}");
        text = text.replace(old, new);
    }
    compare(&Contract::parse(OLD).unwrap(), &Contract::parse(&text).unwrap())
}

#[test]
fn these_break() {
    for (replace, place, what) in [
        (&[("name: string,", "name: string, note: string,")][..], "types.object", "a new field `note`"),
        (&[("name: string,", "")], "types.object", "the field `name` is removed"),
        (&[("name: string,", "name: option<string>,")], "types.object", "the field `name` was string and is option<string>"),
        (&[("name: string, values: list<value>", "values: list<value>, name: string")], "types.object", "its fields are in another order"),
        (&[("none, text(string)", "none, text(string), real(f64)")], "types.value", "a new case `real`"),
        (&[("none, text(string)", "none(u8), text(string)")], "types.value", "the case `none` was without a value and is u8"),
        (&[("create, remove", "create, remove, move")], "types.kind", "a new case `move`"),
        (&[("hot, cold", "hot, cold, wet")], "types.marks", "a new flag `wet`"),
        (&[("enum kind { create, remove }", "variant kind { create, remove }")], "types.kind", "it was a enum and is a variant"),
        (
            &[("key: string", "key: string, or: string")],
            "settings.get",
            "its signature was (key: string) -> option<string> and is (key: string, or: string) -> option<string>",
        ),
        (&[("key: string", "name: string")], "settings.get", "its signature was"),
        (&[("get: func", "fetch: func")], "settings.get", "this function is removed"),
        (&[("import settings;", "")], "settings", "this import is removed"),
        (&[("prepare: func", "undo: func(); prepare: func")], "translator.undo", "a new function"),
        (&[("export translator;", "export translator; export settings;")], "settings", "a new export"),
        (&[("@0.1.0", "@0.2.0")], "version", "0.1.0 becomes 0.2.0"),
        (&[("@0.1.0", "@1.0.0")], "version", "0.1.0 becomes 1.0.0"),
    ] {
        let found = changes(replace);
        let breaks: Vec<&Change> = found.iter().filter(|change| change.breaks.is_some()).collect();
        assert!(breaks.iter().any(|change| change.place == place && change.what.starts_with(what)), "{place}: {what} is not in {found:#?}");
    }
}

#[test]
fn these_do_not_break() {
    for (replace, place, what) in [
        (&[("get: func", "keys: func() -> list<string>; get: func")][..], "settings.keys", "a new function"),
        (
            &[("interface log", "interface clock { now: func() -> f64; } interface log"), ("import log;", "import log; import clock;")],
            "clock",
            "a new import",
        ),
        (&[("flags marks", "record more { a: u8 } flags marks")], "types.more", "a new type"),
        (&[("@0.1.0", "@0.1.1")], "version", "0.1.0 becomes 0.1.1"),
        (&[("export translator;", "")], "translator", "this export is removed"),
    ] {
        let found = changes(replace);
        assert!(found.iter().all(|change| change.breaks.is_none()), "{found:#?}");
        assert!(found.iter().any(|change| change.place == place && change.what == what), "{place}: {what} is not in {found:#?}");
    }
}

#[test]
fn comments_and_order_of_items_are_no_change() {
    assert_eq!(changes(&[("interface log {", "/// Lines.\n interface log {")]), []);
    assert_eq!(changes(&[("import log; import settings;", "import settings; import log;")]), []);
}

#[test]
fn the_contract_of_this_program_can_be_compared_with_itself() {
    let contract = Contract::parse(crate::contract::WIT).unwrap();
    assert_eq!(compare(&contract, &contract), []);
}
