//! Runs a `.wast` file of the component model on an engine, directive by directive.
//!
//! `wasmtime-wast` would do so too, but it brings wasmtime's garbage collection, threads and async:
//! built together with it, every other test would run on another engine than the one that ships.

use std::collections::HashMap;

use wasmtime::component::{Component, Instance, Linker, Val};
use wasmtime::{Engine, Store};
use wast::parser::{self, ParseBuffer};
use wast::token::{Id, Span};
use wast::{QuoteWat, Wast, WastArg, WastDirective, WastExecute, WastInvoke, WastRet, Wat};

use crate::values;

/// Epochs that one call may take.
pub const EPOCHS_MAX: u64 = 100;

/// What came of a file.
#[derive(Debug, Default)]
pub struct Outcome {
    /// Directives that did what they should.
    pub held: usize,
    /// The others, by their line in the file.
    pub faults: Vec<(usize, Fault)>,
}

/// Why a directive did not do what it should.
#[derive(Debug)]
pub enum Fault {
    /// The engine refuses a component that is valid; its words.
    Refused(String),
    /// It is about a component that was refused before.
    Follows,
    /// Anything else.
    Wrong(String),
}

/// Runs every directive of a file. One that fails does not end it.
pub fn run(engine: &Engine, text: &str) -> Outcome {
    let mut outcome = Outcome::default();
    let buffer = match ParseBuffer::new(text) {
        Ok(buffer) => buffer,
        Err(error) => return unreadable(&error, text),
    };
    let wast: Wast<'_> = match parser::parse(&buffer) {
        Ok(wast) => wast,
        Err(error) => return unreadable(&error, text),
    };
    let mut script = Script { engine, linker: Linker::new(engine), definitions: HashMap::new(), instances: Vec::new(), current: None };
    for directive in wast.directives {
        let line = line(directive.span(), text);
        match script.directive(directive) {
            Ok(()) => outcome.held += 1,
            Err(fault) => outcome.faults.push((line, fault)),
        }
    }
    outcome
}

fn unreadable(error: &wast::Error, text: &str) -> Outcome {
    Outcome { held: 0, faults: vec![(line(error.span(), text), Fault::Wrong(error.message()))] }
}

fn line(span: Span, text: &str) -> usize {
    span.linecol_in(text).0 + 1
}

/// A live instance.
struct Live {
    name: Option<String>,
    store: Store<()>,
    instance: Instance,
}

struct Script<'e> {
    engine: &'e Engine,
    linker: Linker<()>,
    definitions: HashMap<Option<String>, Component>,
    instances: Vec<Live>,
    /// Which of them an unnamed `invoke` means: the last, unless that was refused.
    current: Option<usize>,
}

type Held<T = ()> = Result<T, Fault>;

impl Script<'_> {
    fn directive(&mut self, directive: WastDirective<'_>) -> Held {
        match directive {
            WastDirective::Module(mut module) => {
                let name = named(module.name());
                self.forget_unnamed();
                let component = self.component(&mut module)?;
                self.instantiate(name, &component).map_err(Fault::Wrong)
            }
            WastDirective::ModuleDefinition(mut module) => {
                let name = named(module.name());
                self.definitions.remove(&name);
                let component = self.component(&mut module)?;
                self.definitions.insert(name, component);
                Ok(())
            }
            WastDirective::ModuleInstance { instance, module, .. } => {
                self.forget_unnamed();
                let component = self.definitions.get(&named(module)).cloned().ok_or(Fault::Follows)?;
                self.instantiate(named(instance), &component).map_err(Fault::Wrong)
            }
            // How a refusal is worded is not part of the standard.
            WastDirective::AssertMalformed { mut module, message, .. } | WastDirective::AssertInvalid { mut module, message, .. } => {
                match self.component(&mut module) {
                    Ok(_) => Err(Fault::Wrong(format!("accepted, should be refused: {message}"))),
                    Err(_) => Ok(()),
                }
            }
            WastDirective::AssertUnlinkable { module, message, .. } => {
                self.forget_unnamed();
                let component = self.component(&mut QuoteWat::Wat(module))?;
                match self.instantiate(None, &component) {
                    Ok(()) => Err(Fault::Wrong(format!("linked, should not: {message}"))),
                    Err(_) => Ok(()),
                }
            }
            WastDirective::Invoke(invoke) => self.invoke(&invoke)?.map(drop).map_err(Fault::Wrong),
            WastDirective::AssertReturn { exec, results, .. } => {
                let answer = self.execute(exec)?.map_err(Fault::Wrong)?;
                returned(&answer, &results)
            }
            WastDirective::AssertTrap { exec, message, .. } => trapped(self.execute(exec)?, message),
            WastDirective::AssertExhaustion { call, message, .. } => trapped(self.invoke(&call)?, message),
            other => Err(Fault::Wrong(format!("not a directive for components: {other:?}").chars().take(200).collect())),
        }
    }

    /// Compiles it, as the sandbox compiles connectors.
    fn component(&self, module: &mut QuoteWat<'_>) -> Held<Component> {
        if matches!(module, QuoteWat::QuoteModule(..) | QuoteWat::Wat(Wat::Module(_))) {
            return Err(Fault::Wrong("a core module on its own".into()));
        }
        let bytes = module.encode().map_err(|error| Fault::Wrong(error.message()))?;
        Component::from_binary(self.engine, &bytes).map_err(|error| Fault::Refused(format!("{error:#}")))
    }

    /// Gives places in the pool back. Until the next instance there is no current one.
    fn forget_unnamed(&mut self) {
        self.instances.retain(|live| live.name.is_some());
        self.current = None;
    }

    /// The error is a trap's, or one of linking.
    fn instantiate(&mut self, name: Option<String>, component: &Component) -> Result<(), String> {
        let mut store = Store::new(self.engine, ());
        store.set_epoch_deadline(EPOCHS_MAX);
        let instance = self.linker.instantiate(&mut store, component).map_err(|error| format!("{error:#}"))?;
        self.current = Some(self.instances.len());
        self.instances.push(Live { name, store, instance });
        Ok(())
    }

    fn execute(&mut self, exec: WastExecute<'_>) -> Held<Result<Vec<Val>, String>> {
        match exec {
            WastExecute::Invoke(invoke) => self.invoke(&invoke),
            WastExecute::Wat(module) => {
                self.forget_unnamed();
                let component = self.component(&mut QuoteWat::Wat(module))?;
                Ok(self.instantiate(None, &component).map(|()| Vec::new()))
            }
            WastExecute::Get { .. } => Err(Fault::Wrong("components export no globals".into())),
        }
    }

    /// The inner result is a trap's.
    fn invoke(&mut self, invoke: &WastInvoke<'_>) -> Held<Result<Vec<Val>, String>> {
        let live = match invoke.module {
            Some(id) => self.instances.iter_mut().rfind(|live| live.name.as_deref() == Some(id.name())),
            None => self.current.and_then(|at| self.instances.get_mut(at)),
        };
        let live = live.ok_or(Fault::Follows)?;
        let function = live.instance.get_func(&mut live.store, invoke.name);
        let function = function.ok_or_else(|| Fault::Wrong(format!("no function {}", invoke.name)))?;
        let arguments = invoke.args.iter().map(argument).collect::<Held<Vec<_>>>()?;
        let mut answer = vec![Val::Bool(false); function.ty(&live.store).results().len()];
        live.store.set_epoch_deadline(EPOCHS_MAX);
        let called = function.call(&mut live.store, &arguments, &mut answer);
        Ok(called.map(|()| answer).map_err(|error| format!("{error:#}")))
    }
}

fn argument(argument: &WastArg<'_>) -> Held<Val> {
    match argument {
        WastArg::Component(value) => values::val(value).map_err(Fault::Wrong),
        other => Err(Fault::Wrong(format!("not an argument for components: {other:?}"))),
    }
}

fn returned(answer: &[Val], expected: &[WastRet<'_>]) -> Held {
    let expected = expected.iter().map(result).collect::<Held<Vec<_>>>()?;
    let same = answer.len() == expected.len() && answer.iter().zip(&expected).all(|(answer, expected)| values::same(answer, expected));
    if same { Ok(()) } else { Err(Fault::Wrong(format!("answered {answer:?}, expected {expected:?}"))) }
}

fn result(result: &WastRet<'_>) -> Held<Val> {
    match result {
        WastRet::Component(value) => values::val(value).map_err(Fault::Wrong),
        other => Err(Fault::Wrong(format!("not a result of components: {other:?}"))),
    }
}

fn trapped(result: Result<Vec<Val>, String>, message: &str) -> Held {
    match result {
        Ok(answer) => Err(Fault::Wrong(format!("answered {answer:?}, should trap: {message}"))),
        Err(error) if says(&error, message) => Ok(()),
        Err(error) => Err(Fault::Wrong(format!("trapped with {error:?}, should with {message:?}"))),
    }
}

/// Whether the engine's words say what the test's do.
fn says(error: &str, message: &str) -> bool {
    error.contains(message) || ["cannot write", "cannot read"].iter().any(|word| error.contains(word) && message.contains(word))
}

fn named(id: Option<Id<'_>>) -> Option<String> {
    id.map(|id| id.name().to_owned())
}
