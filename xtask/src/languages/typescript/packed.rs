//! The two packages of the SDK in an empty folder.

use std::fmt::Write as _;
use std::fs;
use std::path::PathBuf;

use anyhow::{Context as _, Result, ensure};

use super::{read, sdk, toolchain};
use crate::languages::packed::{Empty, blocks};

/// Checks everything that an author may have switched on, and what `@types/node` says beside the SDK's globals.
const CHECKS: &str = r#"
cat > tsconfig.strict.json <<'END'
{
    "extends": "./tsconfig.json",
    "compilerOptions": { "skipLibCheck": false, "exactOptionalPropertyTypes": true, "noImplicitOverride": true, "noUnusedLocals": false },
    "exclude": ["src/**/*.test.ts"]
}
END
cat > tsconfig.node.json <<'END'
{ "extends": "./tsconfig.json", "compilerOptions": { "types": ["node", "lockgate-guest/globals"], "lib": ["ES2023", "DOM", "ESNext.Disposable"] } }
END
npx tsc -p tsconfig.strict.json
npx tsc -p tsconfig.node.json
"#;

/// Follows the README, with its blocks as modules of the project, and looks into what was installed.
pub fn try_packages() -> Result<()> {
    let empty = Empty::new("typescript")?;
    let readme = sdk().join("README.md");
    let mut steps = blocks(&readme, "sh")?;
    let new = steps.remove(0);
    empty.run(new.lines().next().unwrap_or_default(), npm())?;
    let project = empty.path().join("teams");
    let page = project.join("src/readme");
    fs::create_dir_all(&page).with_context(|| format!("cannot make {}", page.display()))?;
    for (number, block) in blocks(&readme, "typescript")?.iter().enumerate() {
        let path = page.join(match number {
            0 => "connector.ts".to_owned(),
            _ if block.contains("from \"vitest\"") => "connector.test.ts".to_owned(),
            _ => format!("block-{number}.ts"),
        });
        fs::write(&path, block).with_context(|| format!("cannot write {}", path.display()))?;
    }
    let package = read(&project.join("package.json"))?;
    ensure!(!package.contains("file:/"), "the package.json of a new project names a folder of this machine: {package}");
    let mut script = String::from("cd teams\n");
    for line in new.lines().skip(1).filter(|line| *line != "cd teams") {
        writeln!(script, "{line}")?;
    }
    writeln!(script, "npm install --save-dev --save-exact @types/node@20.19.43\n{}rm -r vendor\n{CHECKS}npm test", steps.concat())?;
    empty.run(&script, npm()).context("the packages of the TypeScript SDK do not work where the README is followed")?;
    for file in ["lockgate-guest/LICENSE", "lockgate-guest/README.md", "lockgate-guest-build/LICENSE"] {
        ensure!(project.join("node_modules").join(file).is_file(), "{file} is not in its package");
    }
    Ok(())
}

/// Settings of npm: packages come from where they were kept, and nothing of them is run.
fn npm() -> Vec<(&'static str, PathBuf)> {
    let set = |name, value: &str| (name, PathBuf::from(value));
    vec![
        ("npm_config_cache", toolchain().join("npm-cache")),
        set("npm_config_prefer_offline", "true"),
        set("npm_config_ignore_scripts", "true"),
        set("npm_config_audit", "false"),
        set("npm_config_fund", "false"),
        set("npm_config_update_notifier", "false"),
        set("npm_config_loglevel", "error"),
    ]
}
