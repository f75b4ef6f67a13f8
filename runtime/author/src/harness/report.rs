//! What was found, for people, programs and CI servers.

use std::time::Duration;

use quick_junit::{NonSuccessKind, TestCase, TestCaseStatus, TestSuite};
use serde_json::{Value, json};

/// How something ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// As it should be.
    Passed,
    /// Not as it should be.
    Failed,
    /// Does not apply.
    Skipped,
}

impl Status {
    /// The word for lists.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Passed => "passed",
            Self::Failed => "failed",
            Self::Skipped => "skipped",
        }
    }
}

/// A case or a check, and how it ended.
#[derive(Debug, Clone)]
pub struct Finding {
    /// `case` or `check`.
    pub group: &'static str,
    /// Its name.
    pub name: String,
    /// How it ended.
    pub status: Status,
    /// What is wrong and what to do, what was measured, or nothing.
    pub message: String,
    /// How long it took.
    pub took: Duration,
}

/// All of them, cases first.
#[derive(Debug, Clone, Default)]
pub struct Report {
    /// In the order in which they ran.
    pub findings: Vec<Finding>,
}

impl Report {
    /// How many ended so.
    pub fn count(&self, status: Status) -> usize {
        self.findings.iter().filter(|finding| finding.status == status).count()
    }

    /// For programs.
    pub fn json(&self) -> Value {
        let findings: Vec<Value> = self
            .findings
            .iter()
            .map(|finding| {
                json!({
                    "group": finding.group,
                    "name": finding.name,
                    "status": finding.status.as_str(),
                    "message": finding.message,
                    "ms": u64::try_from(finding.took.as_millis()).unwrap_or(u64::MAX),
                })
            })
            .collect();
        json!({
            "passed": self.count(Status::Passed),
            "failed": self.count(Status::Failed),
            "skipped": self.count(Status::Skipped),
            "findings": findings,
        })
    }

    /// For CI servers: a suite of cases and one of checks.
    pub fn junit(&self, component: &str) -> String {
        let mut report = quick_junit::Report::new(component);
        for group in ["case", "check"] {
            let mut suite = TestSuite::new(group);
            suite.add_test_cases(self.findings.iter().filter(|finding| finding.group == group).map(junit_case));
            report.add_test_suite(suite);
        }
        // Only a writer that fails could fail here, and a text does not.
        report.to_string().unwrap_or_default()
    }
}

fn junit_case(finding: &Finding) -> TestCase {
    let status = match finding.status {
        Status::Passed => TestCaseStatus::success(),
        Status::Skipped => TestCaseStatus::skipped(),
        Status::Failed => {
            let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
            status.set_message(finding.message.lines().next().unwrap_or_default()).set_description(&finding.message);
            status
        }
    };
    let mut case = TestCase::new(finding.name.as_str(), status);
    case.set_classname(finding.group).set_time(finding.took);
    case
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_is_in_the_json_and_in_the_junit_file() {
        let finding =
            |status, message: &str| Finding { group: "case", name: "a".into(), status, message: message.into(), took: Duration::ZERO };
        let report = Report { findings: vec![finding(Status::Passed, ""), finding(Status::Failed, "is <different>\nthere")] };
        assert_eq!(report.json()["failed"], 1);
        assert_eq!(report.json()["findings"][1]["message"], "is <different>\nthere");
        let junit = report.junit("shop.wasm");
        assert!(junit.contains("failures=\"1\"") && junit.contains("is &lt;different&gt;"), "{junit}");
    }
}
