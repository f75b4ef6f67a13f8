//! What of the component model's own tests does not hold, and why. The test fails when more does not
//! hold, and when something listed here does.

/// Something that is not built in or turned off.
pub struct Off {
    /// What the engine says when it refuses a component for it.
    pub says: &'static str,
    /// Why Lockgate does without.
    pub why: &'static str,
    /// In which files, and how many components there.
    pub files: &'static [(&'static str, usize)],
}

/// By feature.
pub const OFF: &[Off] = &[
    Off {
        says: "component model async feature",
        why: "a connector's methods are called one at a time and answer at once; wasmtime's feature for more is not built in",
        files: &[
            ("async/async-calls-sync.wast", 1),
            ("async/big-interleaving-test.wast", 1),
            ("async/builtin-trap-poisons-instance.wast", 1),
            ("async/cancel-and-exclusive-lock.wast", 1),
            ("async/cancel-delivery.wast", 2),
            ("async/cancel-instance-wide-resume.wast", 1),
            ("async/cancel-stream.wast", 2),
            ("async/cancel-subtask.wast", 2),
            ("async/cancel-yield-loop.wast", 1),
            ("async/closed-stream.wast", 1),
            ("async/cross-abi-calls.wast", 1),
            ("async/cross-task-future.wast", 1),
            ("async/deadlock.wast", 1),
            ("async/dont-block-start.wast", 2),
            ("async/drop-cross-task-borrow.wast", 1),
            ("async/drop-stream.wast", 1),
            ("async/drop-subtask.wast", 1),
            ("async/drop-waitable-set.wast", 1),
            ("async/during-sync-call-exclusive-resume.wast", 2),
            ("async/during-sync-call-may-block-if-other-ready-threads.wast", 1),
            ("async/during-sync-scheduling-candidates.wast", 3),
            ("async/empty-wait.wast", 1),
            ("async/forward.wast", 3),
            ("async/future-completion-order.wast", 1),
            ("async/futures-must-write.wast", 2),
            ("async/idle-drop.wast", 2),
            ("async/partial-stream-copies.wast", 2),
            ("async/passing-resources.wast", 1),
            ("async/reentrance.wast", 5),
            ("async/same-component-stream-future.wast", 1),
            ("async/switch-to-ready-callback.wast", 1),
            ("async/sync-barges-in.wast", 1),
            ("async/sync-streams.wast", 1),
            ("async/trap-if-block-and-sync.wast", 1),
            ("async/trap-if-done.wast", 1),
            ("async/trap-if-sync-and-waitable-set.wast", 1),
            ("async/trap-if-transfer-in-waitable-set.wast", 1),
            ("async/wait-during-callback.wast", 1),
            ("async/zero-length.wast", 2),
            ("binary/binary.wast", 3),
            ("validation/indicies.wast", 2),
            ("values/post-return.wast", 3),
            ("values/variants.wast", 1),
        ],
    },
    Off {
        says: "component model threading feature",
        why: "as above: one call, one stack",
        files: &[
            ("async/during-sync-call-may-block-if-other-ready-threads.wast", 1),
            ("async/during-sync-call-no-sibling-resume.wast", 2),
            ("async/during-sync-scheduling-candidates.wast", 3),
            ("async/reentrance.wast", 2),
            ("async/self-switch-traps.wast", 1),
            ("validation/indicies.wast", 1),
        ],
    },
    Off {
        says: "`cm-implements` feature is not active",
        why: "no toolchain writes it yet",
        files: &[("binary/binary.wast", 2), ("validation/attributes.wast", 4)],
    },
    Off {
        says: "component model fixed-length lists feature",
        why: "the contract has none; experimental",
        files: &[("binary/binary.wast", 1), ("validation/max-value-size.wast", 1)],
    },
    Off {
        says: "component model map feature",
        why: "the contract has none; experimental",
        files: &[("binary/binary.wast", 1), ("values/concat.wast", 1)],
    },
    Off {
        says: "exceptions proposal not enabled",
        why: "wasmtime builds exceptions on its garbage collector, which is not built in",
        files: &[("linking/tags.wast", 4)],
    },
    Off { says: "gc proposal must be enabled", why: "no supported toolchain compiles to it", files: &[("binary/binary.wast", 1)] },
    Off {
        says: "exceeds the per-instance limit of 1",
        why: "a core module of the pool defines one memory; a component may have more modules",
        files: &[("linking/unit.wast", 1)],
    },
];

/// Where wasmtime 48 differs from the tests, which are newer: file, line, and what it is.
pub const NEWER: &[(&str, usize, &str)] = &[
    ("async/reentrance.wast", 42, REENTRANCE),
    ("async/reentrance.wast", 60, REENTRANCE),
    ("async/reentrance.wast", 99, REENTRANCE),
    ("async/reentrance.wast", 100, REENTRANCE),
    ("async/reentrance.wast", 151, REENTRANCE),
    ("async/reentrance.wast", 198, REENTRANCE),
    ("validation/kebab.wast", 149, NAMES),
    ("validation/kebab.wast", 154, NAMES),
    ("validation/kebab.wast", 159, NAMES),
    ("validation/kebab.wast", 164, NAMES),
    ("validation/kebab.wast", 169, NAMES),
];

const REENTRANCE: &str = "components may be entered again while they call others; wasmtime 48 still traps, as the standard had it before";
const NAMES: &str = "names of imports that differ in hyphens and case only are refused; wasmtime 48 takes them apart";
