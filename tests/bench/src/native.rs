//! The same translation without a sandbox: what a connector compiled into the server would cost.
//! Core checks its answers like any other's.

use std::sync::Arc;

use lockgate_bench_translation::{Builder, Field, PRODUCT, VARIANT, Value, code_name, prepare};
use lockgate_core::failure::{Code, Failure};
use lockgate_core::forms;
use lockgate_core::names::{CodeName, ExternalId, FieldName, NameError, TypeName};
use lockgate_core::ports::{Compiled, Granted, InstallError, Instance, NotStarted, Run, Sandbox, TaskView, Translator, Usage};
use lockgate_core::prepared::{Child, DocumentParams, InfoObject, InfoRow, ObjectParams, Prepared};
use lockgate_core::value::{Given, Plain};

const MANIFEST: &str = include_str!("../guest/manifest.toml");
const DIGEST: &str = "0000000000000000000000000000000000000000000000000000000000000000";

/// Stands in for the sandbox; whatever component is added is this translation.
pub struct NativeSandbox;

impl Sandbox for NativeSandbox {
    fn compile(&self, _component: &[u8]) -> Result<Compiled, InstallError> {
        Ok(Compiled { digest: DIGEST.into(), foreign_imports: Vec::new(), manifest: Some(MANIFEST.into()) })
    }

    fn load(&self, _digest: &str, _component: &mut dyn FnMut() -> Option<Vec<u8>>) -> Result<Arc<dyn Translator>, InstallError> {
        let names = Names::new().map_err(|error| InstallError { code: "invalid-component", message: error.to_string() })?;
        Ok(Arc::new(NativeTranslator(Arc::new(names))))
    }
}

/// Made once: nothing here crosses a boundary as text.
struct Names {
    product: TypeName,
    variant: TypeName,
    fields: Vec<FieldName>,
}

impl Names {
    fn new() -> Result<Self, NameError> {
        let fields = Field::ALL.iter().map(|field| FieldName::new(field.name())).collect::<Result<_, _>>()?;
        Ok(Self { product: TypeName::new(PRODUCT)?, variant: TypeName::new(VARIANT)?, fields })
    }
}

struct NativeTranslator(Arc<Names>);

impl Translator for NativeTranslator {
    fn instance(&self, _granted: &Arc<Granted>, _run: &Run) -> Result<Box<dyn Instance>, Box<NotStarted>> {
        Ok(Box::new(NativeInstance(Arc::clone(&self.0))))
    }
}

struct NativeInstance(Arc<Names>);

impl Instance for NativeInstance {
    fn prepare_internal_object(&mut self, task: &TaskView<'_>) -> Result<Prepared, Failure> {
        let mut answer = Answer { names: &self.0, product: None, children: Vec::new(), wrong: None };
        prepare(&task.external.body, &mut answer).map_err(|error| Failure::new(Code::Invalid, error))?;
        match answer {
            Answer { wrong: Some(why), .. } => Err(Failure::new(Code::BadOutput, why)),
            Answer { product: Some(row), children, .. } => {
                Ok(Prepared::Object(InfoObject { row, site: None, parent: None, group: None, children, none_of: Vec::new() }))
            }
            Answer { product: None, .. } => Err(Failure::new(Code::BadOutput, "no product was read")),
        }
    }

    fn get_internal_object_params(&mut self, id: &ExternalId, object_type: &TypeName) -> Result<ObjectParams, Failure> {
        let name = code_name(object_type.as_str(), id.as_str())
            .ok_or_else(|| Failure::new(Code::Unsupported, format!("no references to {object_type}")))?;
        let code_name = CodeName::new(name).map_err(|error| Failure::new(Code::BadOutput, error.to_string()))?;
        Ok(ObjectParams { guid: None, code_name, site: None, parent: None, group: None })
    }

    fn get_internal_document_params(&mut self, _id: &ExternalId, class_name: &TypeName) -> Result<DocumentParams, Failure> {
        Err(Failure::new(Code::Unsupported, format!("no references to {class_name}")))
    }

    fn usage(&mut self) -> Usage {
        Usage::default()
    }
}

struct Answer<'n> {
    names: &'n Names,
    product: Option<InfoRow>,
    children: Vec<Child>,
    wrong: Option<String>,
}

impl Answer<'_> {
    fn row(&mut self, object_type: &TypeName, code_name: &str, display_name: Option<&str>) -> Option<InfoRow> {
        match CodeName::new(code_name) {
            Ok(code_name) => Some(InfoRow {
                object_type: object_type.clone(),
                code_name: Some(code_name),
                guid: None,
                display_name: display_name.map(Arc::from),
                fields: Vec::with_capacity(Field::ALL.len()),
            }),
            Err(error) => {
                self.wrong = Some(error.to_string());
                None
            }
        }
    }
}

impl Builder for Answer<'_> {
    fn product(&mut self, code_name: &str, display_name: &str) {
        self.product = self.row(&self.names.product, code_name, Some(display_name));
    }

    fn variant(&mut self, code_name: &str) {
        let row = self.row(&self.names.variant, code_name, None);
        self.children.extend(row.map(|row| Child { parent: None, row }));
    }

    fn field(&mut self, field: Field, value: Value<'_>) {
        let given = match value {
            Value::Text(text) => Ok(Given::Plain(Plain::Text(text.into()))),
            Value::Integer(number) => Ok(Given::Plain(Plain::Integer(number))),
            Value::Decimal(digits) => forms::decimal(&digits).map(Given::Plain),
            Value::Real(number) => forms::real(number).map(Given::Plain),
            Value::Boolean(flag) => Ok(Given::Plain(Plain::Boolean(flag))),
            Value::Timestamp(time) => forms::timestamp(&time).map(Given::Plain),
            Value::Reference(id) => ExternalId::new(&id).map(Given::Reference).map_err(|error| error.to_string()),
        };
        let row = match self.children.last_mut() {
            Some(child) => Some(&mut child.row),
            None => self.product.as_mut(),
        };
        match (given, row, self.names.fields.get(field as usize)) {
            (Ok(given), Some(row), Some(name)) => row.fields.push((name.clone(), given)),
            (Err(why), ..) => self.wrong = Some(why),
            _ => self.wrong = Some(format!("the field {} belongs to no row", field.name())),
        }
    }
}
