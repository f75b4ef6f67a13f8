//! Values of the component model: as a test writes them, and as the engine has them.

use wasmtime::component::Val;
use wast::component::WastVal;

/// The engine's form.
pub fn val(value: &WastVal<'_>) -> Result<Val, String> {
    Ok(match value {
        WastVal::Bool(v) => Val::Bool(*v),
        WastVal::U8(v) => Val::U8(*v),
        WastVal::S8(v) => Val::S8(*v),
        WastVal::U16(v) => Val::U16(*v),
        WastVal::S16(v) => Val::S16(*v),
        WastVal::U32(v) => Val::U32(*v),
        WastVal::S32(v) => Val::S32(*v),
        WastVal::U64(v) => Val::U64(*v),
        WastVal::S64(v) => Val::S64(*v),
        WastVal::F32(v) => Val::Float32(f32::from_bits(v.bits)),
        WastVal::F64(v) => Val::Float64(f64::from_bits(v.bits)),
        WastVal::Char(v) => Val::Char(*v),
        WastVal::String(v) => Val::String((*v).to_owned()),
        WastVal::List(items) => Val::List(all(items)?),
        WastVal::Tuple(items) => Val::Tuple(all(items)?),
        WastVal::Record(fields) => {
            let fields = fields.iter().map(|(name, value)| Ok(((*name).to_owned(), val(value)?)));
            Val::Record(fields.collect::<Result<_, String>>()?)
        }
        WastVal::Variant(case, payload) => Val::Variant((*case).to_owned(), boxed(payload.as_deref())?),
        WastVal::Enum(case) => Val::Enum((*case).to_owned()),
        WastVal::Option(value) => Val::Option(boxed(value.as_deref())?),
        WastVal::Result(Ok(value)) => Val::Result(Ok(boxed(value.as_deref())?)),
        WastVal::Result(Err(value)) => Val::Result(Err(boxed(value.as_deref())?)),
        WastVal::Flags(names) => Val::Flags(names.iter().map(|name| (*name).to_owned()).collect()),
        WastVal::Map(_) => return Err("maps are not built in".into()),
    })
}

fn all(items: &[WastVal<'_>]) -> Result<Vec<Val>, String> {
    items.iter().map(val).collect()
}

fn boxed(value: Option<&WastVal<'_>>) -> Result<Option<Box<Val>>, String> {
    value.map(|value| val(value).map(Box::new)).transpose()
}

/// Whether two values are the same: numbers bit for bit (a NaN is a NaN), flags in any order.
pub fn same(left: &Val, right: &Val) -> bool {
    match (left, right) {
        (Val::Float32(l), Val::Float32(r)) => l.to_bits() == r.to_bits() || (l.is_nan() && r.is_nan()),
        (Val::Float64(l), Val::Float64(r)) => l.to_bits() == r.to_bits() || (l.is_nan() && r.is_nan()),
        (Val::List(l), Val::List(r)) | (Val::Tuple(l), Val::Tuple(r)) => l.len() == r.len() && l.iter().zip(r).all(|(l, r)| same(l, r)),
        (Val::Record(l), Val::Record(r)) => {
            l.len() == r.len() && l.iter().zip(r).all(|((l_name, l), (r_name, r))| l_name == r_name && same(l, r))
        }
        (Val::Variant(l_case, l), Val::Variant(r_case, r)) => l_case == r_case && same_boxed(l, r),
        (Val::Option(l), Val::Option(r)) | (Val::Result(Ok(l)), Val::Result(Ok(r))) | (Val::Result(Err(l)), Val::Result(Err(r))) => {
            same_boxed(l, r)
        }
        (Val::Flags(l), Val::Flags(r)) => l.len() == r.len() && l.iter().all(|name| r.contains(name)),
        _ => left == right,
    }
}

fn same_boxed(left: &Option<Box<Val>>, right: &Option<Box<Val>>) -> bool {
    match (left, right) {
        (Some(left), Some(right)) => same(left, right),
        (None, None) => true,
        _ => false,
    }
}
