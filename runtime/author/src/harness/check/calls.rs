//! How calls of one connector go together: the same answer each time, nothing kept, nothing near a limit.

use lockgate_core::failure::Failure;
use lockgate_core::names::{ExternalId, TypeName};
use lockgate_core::ports::Instance;

use super::super::answer;
use super::{Verdict, crashed, failed, passed};
use crate::harness::case::Case;
use crate::harness::report::Status;
use crate::harness::rig::{Rig, prepare};

/// Ids that no application gives out.
const UNKNOWN_IDS: &[&str] = &["lockgate-test-unknown", "0", "-1", "ü ' \" < & %00"];
/// A type that no model declares.
const UNKNOWN_TYPE: &str = "lockgate.test-unknown";
/// How much of a limit a case may use, in per cent: other machines are slower, other payloads larger.
const OF_LIMIT_MAX: u64 = 80;

/// The same task twice, each on a fresh instance, at the same time of the guest's clock.
pub fn determinism(rig: &Rig, cases: &[Case]) -> Verdict {
    for case in cases {
        let (first, second) = (rig.run(case), rig.run(case));
        let same = match (&first.failure, &second.failure) {
            (None, None) => answer::answer(&first) == answer::answer(&second),
            (first, second) => first == second,
        };
        if !same {
            let shown = |ran| serde_json::to_string(&answer::answer(ran)).unwrap_or_default();
            return failed(format!(
                "case {} is answered differently the second time:\n  {}\n  {}\nA task that is tried again must come to the same: no random \
                 names or GUIDs (make them of the external id), and no order that comes from a hash table",
                case.name,
                shown(&first),
                shown(&second)
            ));
        }
    }
    passed("")
}

/// Both params methods, for types and ids that do not exist.
pub fn unknown_ids(rig: &Rig, cases: &[Case]) -> Verdict {
    let Some(case) = cases.iter().find(|case| rig.run(case).failure.is_none()).or(cases.first()) else { return passed("") };
    let mut types = rig.types();
    types.extend(TypeName::new(UNKNOWN_TYPE));
    let mut asked = 0;
    for type_name in &types {
        for id in UNKNOWN_IDS.iter().filter_map(|id| ExternalId::new(id).ok().flatten()) {
            for page in [false, true] {
                asked += 1;
                if let Err(failure) = ask(rig, case, type_name, &id, page) {
                    let method = if page { "get-internal-document-params" } else { "get-internal-object-params" };
                    return failed(format!(
                        "{method} crashes for the id {:?} of type {type_name}: {failure}\nIt answers `not-found` for an id that it \
                         does not know, and `unsupported` for such a type",
                        id.as_str()
                    ));
                }
            }
        }
    }
    passed(format!("{asked} questions answered"))
}

/// A crash, if it was one.
fn ask(rig: &Rig, case: &Case, type_name: &TypeName, id: &ExternalId, page: bool) -> Result<(), Failure> {
    let mut instance = rig.instance(case).map_err(|not_started| not_started.failure)?;
    // Whatever it answers: the methods are never asked before it.
    let _ = prepare(&mut *instance, case);
    let answered = if page {
        instance.get_internal_document_params(id, type_name).map(drop)
    } else {
        instance.get_internal_object_params(id, type_name).map(drop)
    };
    match answered {
        Err(failure) if crashed(&failure) => Err(failure),
        _ => Ok(()),
    }
}

/// All cases twice in a row on one instance.
pub fn no_state(rig: &Rig, cases: &[Case]) -> Verdict {
    let usable = |case: &&Case| {
        let ran = rig.run(case);
        // What it keeps by the contract may change its answer. A crash ends the instance.
        ran.usage.state.is_empty() && !ran.failure.is_some_and(|failure| crashed(&failure))
    };
    let cases: Vec<&Case> = cases.iter().filter(usable).collect();
    let Some(first) = cases.first() else { return (Status::Skipped, "no case leaves an instance that could be asked again".to_owned()) };
    let mut instance: Box<dyn Instance> = match rig.instance(first) {
        Ok(instance) => instance,
        Err(not_started) => return failed(not_started.failure.to_string()),
    };
    // The settings of an instance are those of its first case.
    let alike: Vec<&&Case> = cases.iter().filter(|case| case.settings == first.settings && case.recording == first.recording).collect();
    let before: Vec<_> = alike.iter().map(|case| prepare(&mut *instance, case)).collect();
    for (case, before) in alike.iter().zip(&before) {
        if prepare(&mut *instance, case) != *before {
            return failed(format!(
                "case {} is answered differently after other calls to the same instance\nWhat the connector keeps in variables of its \
                 module must not change an answer: keep it in the call, or in the contract's `state`",
                case.name
            ));
        }
    }
    passed("")
}

/// What the cases use, as parts of what an operator grants who sets nothing.
pub fn time_and_memory(rig: &Rig, cases: &[Case]) -> Verdict {
    let mut most = [("time", 0, String::new()), ("memory", 0, String::new()), ("output", 0, String::new())];
    for case in cases {
        let usage = rig.run(case).usage;
        let deadline_us = rig.limits.deadline_for(case.payload.len()).saturating_mul(1_000);
        let used = [
            (usage.longest_call_us, deadline_us, format!("{:.1} of {} ms", usage.longest_call_us as f64 / 1_000.0, deadline_us / 1_000)),
            (usage.memory_bytes, rig.limits.memory_bytes_max, mebibytes(usage.memory_bytes, rig.limits.memory_bytes_max)),
            (usage.output_bytes, rig.limits.output_bytes_max, mebibytes(usage.output_bytes, rig.limits.output_bytes_max)),
        ];
        for ((_, percent, said), (used, limit, shown)) in most.iter_mut().zip(used) {
            let now = used.saturating_mul(100) / limit.max(1);
            if now > OF_LIMIT_MAX {
                return failed(format!(
                    "case {} uses {shown}, more than {OF_LIMIT_MAX} % of what is granted where nothing is set\nMake it do less, or tell \
                     operators in your README which limit to raise",
                    case.name
                ));
            }
            if now >= *percent {
                (*percent, *said) = (now, shown);
            }
        }
    }
    passed(most.map(|(what, _, said)| format!("{what} {said}")).join(", "))
}

fn mebibytes(used: u64, limit: u64) -> String {
    format!("{:.1} of {} MiB", used as f64 / 1_048_576.0, limit >> 20)
}
