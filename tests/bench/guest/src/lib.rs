//! The connector that the benchmark measures: `lockgate-bench-translation` on the SDK.

use lockgate_bench_translation::{Builder, Field, PRODUCT, VARIANT, Value, code_name, prepare};
use lockgate_guest::{Child, Connector, Error, External, Object, ObjectParams, Prepared, Task};

/// The connector.
pub struct Shop;

impl Connector for Shop {
    fn prepare_internal_object(external: External, _task: Task) -> Result<Prepared, Error> {
        let mut answer = Answer { object: Object::new(PRODUCT, ""), child: None };
        prepare(&external.body, &mut answer).map_err(Error::invalid)?;
        answer.end_child();
        Ok(answer.object.into())
    }

    fn get_internal_object_params(id: &str, object_type: &str) -> Result<ObjectParams, Error> {
        code_name(object_type, id).map(ObjectParams::new).ok_or_else(|| Error::unsupported(format!("no references to {object_type}")))
    }
}

lockgate_guest::export!(Shop, manifest = "manifest.toml");

/// The object in the making, and the child whose fields are being set.
struct Answer {
    object: Object,
    child: Option<Child>,
}

impl Answer {
    fn end_child(&mut self) {
        if let Some(child) = self.child.take() {
            self.object.push_child(child);
        }
    }
}

impl Builder for Answer {
    fn product(&mut self, code_name: &str, display_name: &str) {
        self.object.code_name = code_name.to_owned();
        self.object.display_name = Some(display_name.to_owned());
        self.object.fields.reserve(Field::ALL.len());
    }

    fn variant(&mut self, code_name: &str) {
        self.end_child();
        self.child = Some(Child::new(VARIANT, code_name));
    }

    fn field(&mut self, field: Field, value: Value<'_>) {
        let value = match value {
            Value::Text(text) => text.into(),
            Value::Integer(number) => number.into(),
            Value::Decimal(digits) => lockgate_guest::Value::decimal(digits),
            Value::Real(number) => number.into(),
            Value::Boolean(flag) => flag.into(),
            Value::Timestamp(time) => lockgate_guest::Value::timestamp(time),
            Value::Reference(id) => lockgate_guest::Value::reference(id),
        };
        match &mut self.child {
            Some(child) => child.push_field(field.name(), value),
            None => self.object.push_field(field.name(), value),
        }
    }
}
