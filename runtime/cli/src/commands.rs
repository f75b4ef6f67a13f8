//! One file for each family of verbs.

pub mod audit;
pub mod backup;
pub mod binding;
pub mod bindings;
pub mod check;
pub mod compact;
pub mod completions;
pub mod component;
pub mod config;
pub mod connector;
pub mod dev;
pub mod doctor;
pub mod explain;
pub mod export;
pub mod failures;
pub mod history;
pub mod missing;
pub mod model;
pub mod new;
pub mod node;
pub mod object;
pub mod operation;
pub mod page;
pub mod process;
pub mod reload;
pub mod restore;
pub mod serve;
pub mod status;
pub mod submit;
pub mod switch;
pub mod task;
pub mod test;
pub mod token;
pub mod upgrade;
pub mod wit;

use anyhow::Result;

use crate::args::{Cli, Command};
use crate::context::Context;

/// Does what the command line says.
pub fn run(cli: Cli) -> Result<()> {
    let json = cli.global.json;
    match cli.command {
        // These need no configuration that can be read.
        Command::Explain(explain) => return explain.run(json),
        Command::Component(component) => return component.run(json),
        Command::Bindings(bindings) => return bindings.run(json),
        Command::Test(test) => return test.run(json),
        Command::New(new) => return new.run(json),
        Command::Wit(wit) => return wit.run(json),
        Command::Token(token) => return token.run(json),
        Command::Completions(completions) => return completions.run(),
        Command::Man(man) => return man.run(),
        Command::Doctor(doctor) => return doctor.run(cli.global),
        Command::Config(config::Config::Default) => return config::print_default(json),
        _ => {}
    }
    let context = Context::new(cli.global)?;
    match cli.command {
        Command::Serve(serve) => serve.run(context),
        Command::Dev(dev) => dev.run(&context),
        Command::Connector(connector) => connector.run(&context),
        Command::Model(model) => model.run(&context),
        Command::Submit(submit) => submit.run(&context),
        Command::Task(task) => task.run(&context),
        Command::Operation(operation) => operation.run(&context),
        Command::Node(node) => node.run(&context),
        Command::Process(process) => process.run(&context),
        Command::Object(object) => object.run(&context),
        Command::Page(page) => page.run(&context),
        Command::Binding(binding) => binding.run(&context),
        Command::History(history) => history.run(&context),
        Command::Missing(missing) => missing.run(&context),
        Command::Export(export) => export.run(&context),
        Command::Backup(backup) => backup.run(&context),
        Command::Restore(restore) => restore.run(&context),
        Command::Check(check) => check.run(&context),
        Command::Compact(compact) => compact.run(&context),
        Command::Upgrade(upgrade) => upgrade.run(&context),
        Command::Status(status) => status.run(&context),
        Command::Switch(switch) => switch.run(&context),
        Command::Explain(explain) => explain.run(json),
        Command::Component(component) => component.run(json),
        Command::Bindings(bindings) => bindings.run(json),
        Command::Test(test) => test.run(json),
        Command::New(new) => new.run(json),
        Command::Wit(wit) => wit.run(json),
        Command::Config(config) => config.run(&context),
        Command::Audit(audit) => audit.run(&context),
        Command::Failures(failures) => failures.run(&context),
        Command::Reload(reload) => reload.run(&context),
        // They have ended above.
        Command::Token(_) | Command::Completions(_) | Command::Man(_) | Command::Doctor(_) => Ok(()),
    }
}
