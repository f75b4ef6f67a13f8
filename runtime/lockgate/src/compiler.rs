//! The process in which components are compiled.

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::ExitCode;

/// The verb by which this program is started again to compile a component.
const VERB: &str = "lockgate-compile-child";
/// The same of the `lockgate` program.
const PROGRAM_VERB: &str = "compile-child";
/// The name of no program: starting it fails, and the failure says so.
const NONE: &str = "no program that compiles was named (lockgate::Opening::compiler)";

/// Which program compiles components. It must be of the same version of Lockgate as yours.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Compiler {
    /// None: components cannot be added; the built-in connector can.
    #[default]
    None,
    /// Your own program, started again. Its `main` begins with [`compile_child`].
    ThisProgram,
    /// The `lockgate` program at this path.
    LockgateAt(PathBuf),
}

impl Compiler {
    pub(crate) fn command(&self) -> Vec<OsString> {
        match self {
            Self::None => vec![NONE.into()],
            Self::ThisProgram => {
                let own = std::env::current_exe().unwrap_or_else(|_| NONE.into());
                vec![own.into(), VERB.into()]
            }
            Self::LockgateAt(path) => vec![path.into(), PROGRAM_VERB.into()],
        }
    }
}

/// Compiles a component, if that is what this process was started for. The first line of `main` where
/// [`Compiler::ThisProgram`] is used, before anything else happens: the child's limits hold from then on.
///
/// ```
/// use std::process::ExitCode;
///
/// fn main() -> ExitCode {
///     if let Some(done) = lockgate::compile_child() {
///         return done;
///     }
///     // Your program.
///     ExitCode::SUCCESS
/// }
/// ```
#[must_use = "the process ends with it"]
pub fn compile_child() -> Option<ExitCode> {
    let mut arguments = std::env::args_os().skip(1);
    (arguments.next()? == VERB).then(|| lockgate_sandbox::compile_child(arguments))
}
