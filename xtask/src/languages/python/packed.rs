//! The package of the SDK in an empty folder: from a new project, as a wheel and as an sdist.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};

use super::SDK_FOLDER;
use crate::build::{root, run_aside, target_dir};
use crate::languages::packed::{Empty, blocks};

/// After the README's steps: what the packages have in them, the sdist installed in place of the wheel, and tests again. The
/// licence is looked for in both.
const SDIST: &str = r"
python -m zipfile -l packages/lockgate_guest-0.1.0-py3-none-any.whl | grep -q 'licenses/LICENSE'
tar -tzf ../lockgate_guest-0.1.0.tar.gz | grep -q '/LICENSE$'
pip install --quiet --force-reinstall --no-deps ../lockgate_guest-0.1.0.tar.gz
rm -r vendor
python -m unittest
lockgate-guest --help > /dev/null
";

/// Follows the README, and then takes the sdist.
pub fn try_packages(python: &Path) -> Result<()> {
    let empty = Empty::new("python")?;
    let mut sdist = std::process::Command::new(python);
    sdist.args(["-c", "import sys; from flit_core import buildapi; buildapi.build_sdist(sys.argv[1])"]).arg(empty.path());
    run_aside(sdist.current_dir(root().join(SDK_FOLDER))).context("no sdist can be made of the Python SDK")?;
    let steps = blocks(&root().join(SDK_FOLDER).join("README.md"), "sh")?.concat();
    let kept: [(&str, PathBuf); 2] =
        [("PIP_CACHE_DIR", target_dir().join("toolchains/python/pip-cache")), ("PIP_DISABLE_PIP_VERSION_CHECK", "1".into())];
    empty.run(&format!("{steps}{SDIST}"), kept).context("the package of the Python SDK does not work where the README is followed")
}
