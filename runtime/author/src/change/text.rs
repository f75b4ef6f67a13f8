//! Types as text, named types by their names, so that two contracts can be compared.

use wit_parser::{Function, Handle, Resolve, Type, TypeDefKind, TypeId};

/// Parameters with their names, and the result.
pub fn function(resolve: &Resolve, function: &Function) -> String {
    let params: Vec<String> = function.params.iter().map(|param| format!("{}: {}", param.name, of(resolve, &param.ty))).collect();
    let result = function.result.as_ref().map(|result| format!(" -> {}", of(resolve, result))).unwrap_or_default();
    format!("({}){result}", params.join(", "))
}

/// How a named type of one contract differs from that of the same name in another.
pub fn differences(old: &Resolve, old_id: TypeId, new: &Resolve, new_id: TypeId) -> Vec<String> {
    let (Some(before), Some(after)) = (old.types.get(old_id), new.types.get(new_id)) else { return Vec::new() };
    let (was, is) = (parts(old, &before.kind), parts(new, &after.kind));
    if was.word != is.word {
        return vec![format!("it was a {} and is a {}", was.word, is.word)];
    }
    let mut found = Vec::new();
    for (name, detail) in &was.parts {
        match is.parts.iter().find(|(other, _)| other == name) {
            None => found.push(format!("the {} `{name}` is removed", was.part)),
            Some((_, changed)) if changed != detail => found.push(format!("the {} `{name}` was {detail} and is {changed}", was.part)),
            Some(_) => {}
        }
    }
    for (name, _) in is.parts.iter().filter(|(name, _)| !was.parts.iter().any(|(other, _)| other == name)) {
        found.push(format!("a new {} `{name}`", is.part));
    }
    if found.is_empty() && was.parts != is.parts {
        found.push(format!("its {}s are in another order", was.part));
    }
    found
}

/// What a named type consists of.
struct Parts {
    word: &'static str,
    part: &'static str,
    parts: Vec<(String, String)>,
}

fn parts(resolve: &Resolve, kind: &TypeDefKind) -> Parts {
    let nothing = || "without a value".to_owned();
    let (part, parts) = match kind {
        TypeDefKind::Record(record) => ("field", record.fields.iter().map(|field| (field.name.clone(), of(resolve, &field.ty))).collect()),
        TypeDefKind::Variant(variant) => {
            let case = |case: &wit_parser::Case| (case.name.clone(), case.ty.as_ref().map_or_else(nothing, |ty| of(resolve, ty)));
            ("case", variant.cases.iter().map(case).collect())
        }
        TypeDefKind::Enum(cases) => ("case", cases.cases.iter().map(|case| (case.name.clone(), nothing())).collect()),
        TypeDefKind::Flags(flags) => ("flag", flags.flags.iter().map(|flag| (flag.name.clone(), nothing())).collect()),
        other => ("meaning", vec![("type".to_owned(), of_kind(resolve, other))]),
    };
    Parts { word: kind.as_str(), part, parts }
}

fn of(resolve: &Resolve, ty: &Type) -> String {
    let word = match ty {
        Type::Id(id) => {
            let Some(def) = resolve.types.get(*id) else { return "?".to_owned() };
            return match (&def.kind, &def.name) {
                // A type that is used from elsewhere counts by what it is there.
                (TypeDefKind::Type(Type::Id(_)), _) | (_, None) => of_kind(resolve, &def.kind),
                (_, Some(name)) => name.clone(),
            };
        }
        Type::Bool => "bool",
        Type::U8 => "u8",
        Type::U16 => "u16",
        Type::U32 => "u32",
        Type::U64 => "u64",
        Type::S8 => "s8",
        Type::S16 => "s16",
        Type::S32 => "s32",
        Type::S64 => "s64",
        Type::F32 => "f32",
        Type::F64 => "f64",
        Type::Char => "char",
        Type::String => "string",
        Type::ErrorContext => "error-context",
    };
    word.to_owned()
}

fn of_kind(resolve: &Resolve, kind: &TypeDefKind) -> String {
    let of = |ty: &Type| self::of(resolve, ty);
    let maybe = |ty: &Option<Type>| ty.as_ref().map_or_else(|| "_".to_owned(), of);
    match kind {
        TypeDefKind::Type(ty) => of(ty),
        TypeDefKind::Option(ty) => format!("option<{}>", of(ty)),
        TypeDefKind::List(ty) => format!("list<{}>", of(ty)),
        TypeDefKind::FixedLengthList(ty, len) => format!("list<{}, {len}>", of(ty)),
        TypeDefKind::Map(key, value) => format!("map<{}, {}>", of(key), of(value)),
        TypeDefKind::Result(result) => format!("result<{}, {}>", maybe(&result.ok), maybe(&result.err)),
        TypeDefKind::Tuple(tuple) => format!("tuple<{}>", tuple.types.iter().map(of).collect::<Vec<_>>().join(", ")),
        TypeDefKind::Future(ty) => format!("future<{}>", maybe(ty)),
        TypeDefKind::Stream(ty) => format!("stream<{}>", maybe(ty)),
        TypeDefKind::Handle(Handle::Own(id)) => format!("own<{}>", of(&Type::Id(*id))),
        TypeDefKind::Handle(Handle::Borrow(id)) => format!("borrow<{}>", of(&Type::Id(*id))),
        // These always have a name.
        other => other.as_str().to_owned(),
    }
}
