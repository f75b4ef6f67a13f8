//! TypeScript: the SDK with what it needs from npm, and the connectors written with it.

mod packed;

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, ensure};

use super::{NOT_BUILT, NOT_INSTALLED};
use crate::build;

/// Folders of connectors, with the name of the component that each becomes.
const CONNECTORS: &[(&str, &str)] = &[
    ("sample-connectors/shopify/connector", "shopify"),
    ("guest-sdk/typescript/broken", "broken"),
    ("guest-sdk/typescript/examples/teams", "teams"),
    ("guest-sdk/typescript/examples/said", "said"),
];
/// What the SDK consists of, beside its dependencies.
const PARTS: &[&str] = &[
    "build",
    "dev",
    "dist",
    "src",
    "test",
    "examples",
    "broken",
    "types",
    "wit",
    "globals.d.ts",
    "tsconfig.json",
    "tsconfig.base.json",
    "vitest.config.ts",
    "biome.json",
    "README.md",
    "LICENSE",
];
/// What says which dependencies, and exactly which.
const PINS: &[&str] = &["package.json", "package-lock.json", "build/package.json"];
/// What is kept in the repository though it is made of other files, and what makes it.
const MADE: &[(&str, &str)] = &[("types", "npm run types"), ("dist", "npm run build")];

/// Installs the SDK below the target folder, checks and tests it, and builds every connector on
/// QuickJS, to `target/guests/typescript/NAME.wasm`.
pub fn build() -> Result<()> {
    check_contract()?;
    check_readme()?;
    install()?;
    check_types()?;
    build::run(&mut node(["node_modules/@biomejs/biome/bin/biome", "ci"])).context("biome finds faults in the TypeScript SDK")?;
    build::run(&mut node(["node_modules/vitest/vitest.mjs", "run"])).context("the tests of the TypeScript SDK fail")?;
    packed::try_packages()?;
    for (folder, name) in CONNECTORS {
        component(folder, "quickjs", &component_path(name))?;
    }
    Ok(())
}

/// Builds the sample from the same source on StarlingMonkey, to
/// `target/guests/typescript/shopify-starlingmonkey.wasm`. Takes about half a minute.
pub fn build_starlingmonkey() -> Result<()> {
    install()?;
    component("sample-connectors/shopify/connector", "starlingmonkey", &component_path("shopify-starlingmonkey"))
}

/// Builds the benchmark's connector on QuickJS.
pub fn bench_quickjs(_lockgate: &Path, out: &Path) -> Result<()> {
    bench("quickjs", out)
}

/// Builds the benchmark's connector on StarlingMonkey. Takes about half a minute.
pub fn bench_starlingmonkey(_lockgate: &Path, out: &Path) -> Result<()> {
    bench("starlingmonkey", out)
}

fn bench(engine: &str, out: &Path) -> Result<()> {
    install().context(NOT_INSTALLED)?;
    component("tests/bench/languages/typescript", engine, out).context(NOT_BUILT)
}

fn component_path(name: &str) -> PathBuf {
    build::target_dir().join("guests/typescript").join(format!("{name}.wasm"))
}

fn component(folder: &str, engine: &str, out: &Path) -> Result<()> {
    let mut command = node(["build/bin/lockgate-guest.mjs", "build", "src/connector.ts", "--engine", engine, "--project"]);
    command.arg(build::root().join(folder)).arg("--out").arg(out);
    build::run_aside(&mut command)
}

/// The SDK carries a copy of the contract: npm packs nothing from outside of a package's folder.
fn check_contract() -> Result<()> {
    let (own, copy) = (build::root().join("wit/connector.wit"), sdk().join("wit/connector.wit"));
    ensure!(
        read(&own)? == read(&copy)?,
        "{} is not the contract any more: copy {} there, then `npm run types`",
        copy.display(),
        own.display()
    );
    Ok(())
}

/// The README prints the example as it is built.
fn check_readme() -> Result<()> {
    let readme = read(&sdk().join("README.md"))?;
    for (file, language) in [("src/connector.ts", "typescript"), ("src/connector.test.ts", "typescript"), ("manifest.toml", "toml")] {
        let text = read(&sdk().join("examples/teams").join(file))?;
        ensure!(
            readme.contains(&format!("```{language}\n{text}```")),
            "the README of the TypeScript SDK does not print examples/teams/{file} as it is"
        );
    }
    Ok(())
}

/// Dependencies anew when their pins changed, and the SDK's own files as they are now.
pub fn install() -> Result<()> {
    let home = toolchain();
    fs::create_dir_all(&home).with_context(|| format!("cannot make {}", home.display()))?;
    // Written last, so that an installation that was cut off is made again.
    let stamp = home.join("installed-lock.json");
    let lock = read(&sdk().join("package-lock.json"))?;
    fs::create_dir_all(home.join("build")).with_context(|| format!("cannot make {}", home.display()))?;
    for file in PINS {
        copy(&sdk().join(file), &home.join(file))?;
    }
    if fs::read_to_string(&stamp).ok().as_ref() != Some(&lock) {
        let mut npm = Command::new(if cfg!(windows) { "npm.cmd" } else { "npm" });
        npm.args(["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error", "--cache"]).arg(home.join("npm-cache"));
        build::run_aside(npm.current_dir(&home))
            .context("what the SDK needs cannot be installed from npm; Node.js 20.19 or newer is needed")?;
        fs::write(&stamp, lock).with_context(|| format!("cannot write {}", stamp.display()))?;
    }
    for part in PARTS {
        replace(&sdk().join(part), &home.join(part))?;
    }
    Ok(())
}

/// That `types/` is what jco makes of the contract today, and `dist/` what tsc makes of the source.
fn check_types() -> Result<()> {
    build::run(&mut node(["dev/types.mjs", "types"]))?;
    build::run(&mut node(["dev/dist.mjs"])).context("the types of the TypeScript SDK do not fit")?;
    for (folder, made_by) in MADE {
        check_same(&toolchain().join(folder), &sdk().join(folder), made_by)?;
    }
    Ok(())
}

fn check_same(made: &Path, kept: &Path, made_by: &str) -> Result<()> {
    let mut all = names(made)?;
    all.extend(names(kept)?);
    for name in all {
        let (made, kept) = (made.join(&name), kept.join(&name));
        if made.is_dir() && kept.is_dir() {
            check_same(&made, &kept, made_by)?;
        } else {
            ensure!(read(&made).ok() == read(&kept).ok(), "{} is not what is made of the sources today: `{made_by}`", kept.display());
        }
    }
    Ok(())
}

fn sdk() -> PathBuf {
    build::root().join("guest-sdk/typescript")
}

/// The SDK as an author has it, with its dependencies; the user's home stays as it is.
fn toolchain() -> PathBuf {
    build::target_dir().join("toolchains/typescript")
}

fn node<A: AsRef<OsStr>>(arguments: impl IntoIterator<Item = A>) -> Command {
    let mut command = Command::new("node");
    command.args(arguments).current_dir(toolchain());
    command
}

fn replace(from: &Path, to: &Path) -> Result<()> {
    if from.is_dir() {
        if to.exists() {
            fs::remove_dir_all(to).with_context(|| format!("cannot remove {}", to.display()))?;
        }
        fs::create_dir_all(to).with_context(|| format!("cannot make {}", to.display()))?;
        for name in names(from)? {
            replace(&from.join(&name), &to.join(&name))?;
        }
        return Ok(());
    }
    copy(from, to)
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    fs::copy(from, to).with_context(|| format!("cannot copy {} to {}", from.display(), to.display()))?;
    Ok(())
}

fn names(folder: &Path) -> Result<Vec<PathBuf>> {
    let read = || format!("cannot read {}", folder.display());
    let entries = fs::read_dir(folder).with_context(read)?;
    entries.map(|entry| Ok(PathBuf::from(entry.with_context(read)?.file_name()))).collect()
}

fn read(path: &Path) -> Result<String> {
    fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))
}
