//! A server with connectors that are closures and a store in memory, for whoever works on the console, and for its tests in
//! a browser. Prints where it listens, and serves until it is ended.
//!
//! `cargo run -p lockgate-server --example workbench -- [--port 7171] [--token TOKEN] [--right read=TOKEN] [--queued 1000000] [--empty]`
#![expect(clippy::expect_used, clippy::panic, reason = "tests' code: a wrong assumption must end the program")]

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use lockgate_bus::{Bus, Force};
use lockgate_core::failure::{Code, Failure};
use lockgate_core::history::{Level, LogLine, Source};
use lockgate_core::names::{ConnectorName, SiteName};
use lockgate_core::ports::{TaskView, Usage};
use lockgate_core::prepared::Prepared;
use lockgate_core::settings::{BusSettings, ConnectorSettings, OnFailure};
use lockgate_core::task::{ProcessType, TaskType};
use lockgate_server::{NamedToken, Right, ServerOptions, digest_of_token, serve};
use lockgate_testing::{FixedClock, Script, TestBus};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};

/// Customers that the shop sends in one go.
const CUSTOMERS: usize = 1_300;
/// Of these, those with the one fault.
const FAULTY: usize = 312;

fn main() {
    let arguments = Arguments::read();
    let test = TestBus::with_settings(settings());
    for name in ["shop", "blog", "erp", "hostile"] {
        test.bus.add_connector(&name_of(name), &TestBus::component(name)).expect("it installs");
        test.script(name, script(name));
    }
    for name in ["a", "b"] {
        test.bus.remove_connector(&name_of(name), Force::No).expect("it has no tasks");
    }
    if !arguments.empty {
        past(&test);
        now(&test);
        let submissions = |from: usize| (from..arguments.queued.min(from + 10_000)).map(|n| plain("archive", n));
        test.bus.add_connector(&name_of("archive"), &TestBus::component("archive")).expect("it installs");
        test.bus.pause_connector(&name_of("archive"), true).expect("it pauses");
        for from in (0..arguments.queued).step_by(10_000) {
            test.bus.submit(submissions(from).collect()).expect("they are queued");
        }
    }
    test.bus.start().expect("the bus starts");
    tick(test.clock.clone());
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(4).enable_all().build().expect("a runtime");
    runtime.block_on(listen(test.bus.clone(), &arguments));
}

struct Arguments {
    port: u16,
    tokens: Vec<String>,
    named: Vec<NamedToken>,
    queued: usize,
    empty: bool,
}

impl Arguments {
    fn read() -> Self {
        let mut read = Self { port: 0, tokens: Vec::new(), named: Vec::new(), queued: 0, empty: false };
        let mut words = std::env::args().skip(1);
        while let Some(word) = words.next() {
            let mut value = || words.next().unwrap_or_else(|| panic!("{word} needs a value"));
            match word.as_str() {
                "--port" => read.port = value().parse().expect("a port"),
                "--token" => read.tokens.push(value()),
                "--right" => read.named.push(named(&value())),
                "--queued" => read.queued = value().parse().expect("a number"),
                "--empty" => read.empty = true,
                _ => panic!("{word} is not known"),
            }
        }
        read
    }
}

/// `RIGHT=TOKEN`: a token that is named as its right.
fn named(words: &str) -> NamedToken {
    let (right, token) = words.split_once('=').expect("RIGHT=TOKEN");
    let right = Right::ALL.into_iter().find(|known| known.as_str() == right).expect("a right");
    NamedToken { name: right.to_string(), digest: digest_of_token(token), rights: BTreeSet::from([right]), connectors: None }
}

async fn listen(bus: Bus, arguments: &Arguments) {
    let listener = TcpListener::bind(("127.0.0.1", arguments.port)).await.expect("the port is free");
    println!("http://{}", listener.local_addr().expect("an address"));
    let options = ServerOptions { tokens: arguments.tokens.clone(), named_tokens: arguments.named.clone(), ..ServerOptions::default() };
    let mut ended = signal(SignalKind::terminate()).expect("signals can be waited for");
    let shutdown = async move {
        ended.recv().await;
    };
    serve(bus, &options, listener, shutdown).await.expect("it serves");
}

/// The clock goes on from where the past ended.
fn tick(clock: Arc<FixedClock>) {
    std::thread::spawn(move || {
        loop {
            std::thread::sleep(Duration::from_millis(100));
            clock.advance(100);
        }
    });
}

fn settings() -> BusSettings {
    let aside = ConnectorSettings { on_failure: OnFailure::SetAside, ..ConnectorSettings::default() };
    let connectors = ["shop", "hostile"].map(|name| (name_of(name), aside.clone()));
    BusSettings { connectors: BTreeMap::from(connectors), ..BusSettings::default() }
}

fn name_of(name: &str) -> ConnectorName {
    ConnectorName::new(name).expect("a connector's name")
}

/// Each reads its body as an internal object, and has its own faults.
fn script(name: &'static str) -> Script {
    let prepare = move |task: &TaskView<'_>| match name {
        "hostile" => hostile(task),
        _ => translate(name, task),
    };
    let log =
        vec![LogLine { at_ms: FixedClock::START_MS, level: Level::Info, source: Source::Guest, message: "translated one record".into() }];
    let usage = Usage {
        guest_us: 1_400,
        longest_call_us: 1_100,
        memory_bytes: 3 << 20,
        output_bytes: 2_048,
        http_calls: 0,
        http_bytes: 0,
        state: BTreeMap::new(),
        log,
        ..Usage::default()
    };
    Script { prepare: Box::new(prepare), usage, ..Script::default() }
}

fn translate(name: &str, task: &TaskView<'_>) -> Result<Prepared, Failure> {
    let read: Value = serde_json::from_slice(&task.external.body).unwrap_or_default();
    if let Some(email) = read.pointer("/object/fields/email").and_then(Value::as_str)
        && !email.contains('@')
    {
        return Err(Failure::new(Code::Invalid, format!("{email:?} is not an email address")).at("/object/fields/email"));
    }
    if name == "erp" && read.pointer("/object/code_name").and_then(Value::as_str) == Some("customer-4711") {
        return Err(Failure::new(Code::Trap, "wasm trap: out of bounds memory access"));
    }
    lockgate_core::internal::read(&task.external.body).map_err(|error| Failure::new(Code::Invalid, error))
}

/// Whatever text comes: it is stored, refused with, waited for, or skipped with, as the media type says.
fn hostile(task: &TaskView<'_>) -> Result<Prepared, Failure> {
    let text = String::from_utf8_lossy(&task.external.body).into_owned();
    let id = task.external.media_type.rsplit("x-").next().unwrap_or_default().to_owned();
    let object = |fields: Value| {
        let body = json!({ "object": { "type": "cms.user", "code_name": format!("hostile-{id}"), "display_name": cut(&text, 200), "fields": fields } });
        lockgate_core::internal::read(body.to_string().as_bytes()).map_err(|error| Failure::new(Code::Invalid, error))
    };
    match id.split('-').next() {
        Some("store") => object(json!({ "full_name": text })),
        Some("wait") => object(json!({ "manager": { "reference": cut(&text, 100) } })),
        Some("skip") => Ok(Prepared::Skip(text.into())),
        _ => Err(Failure::new(Code::Invalid, &text).at(&text)),
    }
}

fn cut(text: &str, chars: usize) -> String {
    text.chars().take(chars).collect()
}

fn customer(n: usize, email: &str) -> String {
    let name = ["Ada", "Björn", "Chiara", "Dmitri", "Elif", "Fatima", "Grace", "Hồ"][n % 8];
    let fields = json!({ "email": email, "full_name": format!("{name} Example {n}") });
    json!({ "object": { "type": "cms.user", "code_name": format!("customer-{n}"), "display_name": format!("{name} Example {n}"), "fields": fields } }).to_string()
}

fn plain(connector: &str, n: usize) -> lockgate_core::admit::Submission {
    let mut submission = TestBus::submission(connector, TaskType::CreateObject, customer(n, &format!("old-{n}@example.com")));
    submission.title = format!("Customer {n}");
    submission.process_type = ProcessType::SkipOnError;
    submission
}

fn submit(test: &TestBus, connector: &str, title: &str, body: &str, process_type: ProcessType) {
    let mut submission = TestBus::submission(connector, TaskType::CreateObject, body);
    submission.title = title.to_owned();
    submission.process_type = process_type;
    submission.subject = Some(title.to_owned());
    test.submit(submission);
}

/// Three days of tasks that ended.
fn past(test: &TestBus) {
    let mut n = 10_000;
    for quarter in 0..288_usize {
        let day = quarter % 96;
        let count = 3 + if (28..76).contains(&day) { 20 + (day * 7) % 13 } else { (day * 5) % 4 };
        for _ in 0..count {
            n += 1;
            submit(
                test,
                if n % 3 == 0 { "blog" } else { "shop" },
                &format!("Customer {n}"),
                &customer(n % 700 + 10_000, &format!("c{}@example.com", n % 700)),
                ProcessType::Default,
            );
        }
        let waited = if (40..44).contains(&day) { 240_000 } else { 2_000 };
        test.clock.advance(waited);
        test.process("blog");
        test.process("shop");
        test.clock.advance(900_000 - waited);
    }
}

/// What somebody finds who comes to the console today.
fn now(test: &TestBus) {
    for n in 0..CUSTOMERS {
        let faulty = n % 4 == 1 && n / 4 < FAULTY;
        let email = if faulty { format!("customer-{n} at example.com") } else { format!("customer-{n}@example.com") };
        submit(test, "shop", &format!("Customer {n}"), &customer(n, &email), ProcessType::Default);
    }
    test.process("shop");
    pages(test);
    waiting(test);
    for order in 4705..4760 {
        submit(test, "erp", &format!("Order {order}"), &customer(order, &format!("o{order}@example.com")), ProcessType::Default);
    }
    test.process("erp");
    test.clock.advance(2_520_000);
}

fn pages(test: &TestBus) {
    let mut parents: Vec<(String, Value)> = vec![("Home".into(), json!("root"))];
    parents.extend(["News", "Products", "About us"].map(|alias| (alias.to_owned(), json!({ "path": "/Home" }))));
    parents.extend((1..=6).map(|n| (format!("Story {n}"), json!({ "path": "/Home/News" }))));
    for (at, (alias, parent)) in parents.iter().enumerate() {
        for culture in ["en-US", "cs-CZ"].iter().take(if at < 4 { 2 } else { 1 }) {
            let page = json!({ "page": {
                "class_name": "cms.page", "node_guid": format!("11111111-1111-4111-8111-{at:012}"), "culture": culture, "name": alias, "alias": alias,
                "parent": parent, "published": true, "fields": { "title": alias, "author": { "reference": "customer-10001" } },
            } });
            let mut submission = TestBus::submission("blog", TaskType::CreateDocument, page.to_string());
            submission.title = format!("Page {alias}");
            submission.site = Some(SiteName::new("main").expect("a site"));
            test.submit(submission);
        }
    }
    test.process("blog");
}

/// Tasks that wait for a group that nobody has sent, and loose ends.
fn waiting(test: &TestBus) {
    for n in 0..7 {
        let fields = json!({ "owner": { "reference": format!("supplier-{}", n % 2) } });
        let product = json!({ "object": { "type": "shop.product", "code_name": format!("product-{n}"), "display_name": format!("Anvil no. {n}"), "fields": fields } });
        submit(test, "shop", &format!("Anvil no. {n}"), &product.to_string(), ProcessType::Default);
    }
    for n in 0..4 {
        let fields = json!({ "manager": { "reference": "head-of-sales" }, "email": format!("rep-{n}@example.com") });
        let user = json!({ "object": { "type": "cms.user", "code_name": format!("rep-{n}"), "display_name": format!("Sales representative {n}"), "fields": fields } });
        submit(test, "blog", &format!("Sales representative {n}"), &user.to_string(), ProcessType::Default);
    }
    test.process("shop");
    test.process("blog");
}
