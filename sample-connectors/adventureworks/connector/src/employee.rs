//! Employees, with the departments that they worked in as bindings.

use std::collections::BTreeMap;

use lockgate_guest::{Child, Object, Value, log};
use serde::Deserialize;

use crate::ids::code_name;
use crate::values::{reference, timestamp};

/// A row of `Employee`, with its manager and its rows of `EmployeeDepartmentHistory`.
#[derive(Deserialize)]
pub struct Employee {
    id: i64,
    national_id: String,
    login: String,
    org_node: Option<String>,
    org_level: Option<i64>,
    job_title: String,
    birth: String,
    marital: String,
    gender: String,
    hire: String,
    salaried: bool,
    vacation_hours: i64,
    sick_leave_hours: i64,
    current: bool,
    rowguid: String,
    modified: String,
    manager_id: Option<i64>,
    departments: Vec<Period>,
}

/// A row of `EmployeeDepartmentHistory`.
#[derive(Deserialize)]
struct Period {
    department_id: i64,
    shift: i64,
    start: String,
    end: Option<String>,
    modified: String,
}

/// An employee.
pub fn employee(row: Employee) -> Object {
    let mut object = Object::new("aw.employee", code_name("employee", &row.id.to_string()))
        .guid(row.rowguid)
        .display_name(&row.login)
        .field("national_id", row.national_id)
        .field("login", row.login)
        .field("manager", reference(row.manager_id))
        .field("org_node", row.org_node)
        .field("org_level", row.org_level)
        .field("job_title", row.job_title)
        .field("birth", row.birth)
        .field("marital", row.marital)
        .field("gender", row.gender)
        .field("hire", row.hire)
        .field("salaried", row.salaried)
        .field("vacation_hours", row.vacation_hours)
        .field("sick_leave_hours", row.sick_leave_hours)
        .field("current", row.current)
        .field("modified", timestamp(&row.modified));
    for period in last_of_each_department(row.departments) {
        object.push_child(binding(period));
    }
    object
}

/// A binding is known by its two ends: of several periods in one department the last one is kept.
fn last_of_each_department(periods: Vec<Period>) -> impl Iterator<Item = Period> {
    let mut last: BTreeMap<i64, Period> = BTreeMap::new();
    for period in periods {
        let department = period.department_id;
        let known = last.remove(&department);
        if known.is_some() {
            log!(warn, "several periods in department {department}: only the last one is kept");
        }
        // Dates like 2021-05-25 order as text.
        let keep = known.filter(|known| known.start > period.start).unwrap_or(period);
        last.insert(department, keep);
    }
    last.into_values()
}

/// The end that is the employee is known from where the binding stands.
fn binding(period: Period) -> Child {
    Child::binding("aw.employee-department")
        .field("department", Value::reference(period.department_id.to_string()))
        .field("shift", period.shift)
        .field("start", period.start)
        .field("end", period.end)
        .field("modified", timestamp(&period.modified))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn made(departments: &str) -> Object {
        let json = format!(
            r#"{{"id":4,"national_id":"1","login":"x\\rob","org_node":"5AD6","org_level":3,"job_title":"Designer",
            "birth":"1974-12-23","marital":"S","gender":"M","hire":"2007-12-05","salaried":false,"vacation_hours":48,
            "sick_leave_hours":80,"current":true,"rowguid":"0190A000-0000-7000-8000-000000000004",
            "modified":"2014-06-30 00:00:00.000","manager_id":3,"departments":{departments}}}"#
        );
        employee(serde_json::from_str(&json).unwrap())
    }

    fn period(department: i64, start: &str) -> String {
        format!(
            r#"{{"employee_id":4,"department_id":{department},"shift":1,"start":"{start}","end":null,"modified":"2010-05-28 00:00:00.000"}}"#
        )
    }

    #[test]
    fn each_department_is_a_binding() {
        let object = made(&format!("[{},{}]", period(1, "2007-12-05"), period(2, "2010-05-31")));
        assert_eq!(object.get("manager"), Some(&Value::reference("3")));
        let departments: Vec<_> = object.children.iter().map(|child| child.get("department").unwrap().clone()).collect();
        assert_eq!(departments, [Value::reference("1"), Value::reference("2")]);
        assert!(object.children.iter().all(|child| child.code_name.is_empty()));
    }

    #[test]
    fn of_several_periods_in_a_department_the_last_is_kept_in_any_order() {
        let (old, new) = (period(1, "2007-12-05"), period(1, "2012-01-01"));
        for departments in [format!("[{old},{new}]"), format!("[{new},{old}]")] {
            let object = made(&departments);
            assert_eq!(object.children.len(), 1);
            assert_eq!(object.children[0].get("start"), Some(&Value::Text("2012-01-01".into())));
        }
    }
}
