//! Payloads that nobody sends on purpose: the connector answers `invalid` or copes, and does not crash.

use lockgate_core::settings::BusSettings;

use super::super::payloads;
use super::{Verdict, crashed, failed, passed};
use crate::harness::case::Case;
use crate::harness::report::Status;
use crate::harness::rig::Rig;

pub fn empty(rig: &Rig, cases: &[Case]) -> Verdict {
    stands(rig, cases, "without any payload", |_| Vec::new())
}

pub fn truncated(rig: &Rig, cases: &[Case]) -> Verdict {
    stands(rig, cases, "with half of its payload", payloads::truncated)
}

pub fn not_utf8(rig: &Rig, cases: &[Case]) -> Verdict {
    stands(rig, cases, "with a payload that is no UTF-8", payloads::not_utf8)
}

/// As large as the bus takes it in by default.
pub fn huge(rig: &Rig, cases: &[Case]) -> Verdict {
    let bytes = BusSettings::default().payload_bytes_max;
    // One is enough: they differ in what they say, not in how large they are.
    let first = cases.get(..1).unwrap_or_default();
    stands(rig, first, "with a payload of 1 MiB", |payload| payloads::huge(payload, bytes))
}

/// An application sends new fields before anybody tells the connector's author.
pub fn unknown_fields(rig: &Rig, cases: &[Case]) -> Verdict {
    let mut tried = 0;
    for case in cases {
        let Some(payload) = payloads::with_unknown_fields(&case.payload) else { continue };
        if rig.run(case).failure.is_some() {
            continue;
        }
        tried += 1;
        if let Some(failure) = rig.run(&Case { payload, ..case.clone() }).failure {
            return failed(format!(
                "case {} fails when its payload has a further field: {failure}\nApplications add fields at any time: \
                 leave out of the answer what the connector does not know, and do not refuse it",
                case.name
            ));
        }
    }
    if tried == 0 { (Status::Skipped, "no case has a JSON object as its payload".to_owned()) } else { passed("") }
}

fn stands(rig: &Rig, cases: &[Case], how: &str, make: impl Fn(&[u8]) -> Vec<u8>) -> Verdict {
    for case in cases {
        let ran = rig.run(&Case { payload: make(&case.payload), ..case.clone() });
        if let Some(failure) = ran.failure.filter(crashed) {
            return failed(format!(
                "case {} crashes {how}: {failure}\nA connector answers `invalid` to what it cannot read, so that its operator \
                 learns what is wrong with the data: catch it where the payload is read",
                case.name
            ));
        }
    }
    passed("")
}
