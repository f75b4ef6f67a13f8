//! The contract as Rust types, generated from `wit/`.

#![allow(missing_docs, reason = "generated code; the contract is documented in wit/connector.wit")]

wasmtime::component::bindgen!({
    path: "../../wit",
    world: "connector",
    imports: { default: trappable },
    ownership: Borrowing { duplicate_if_necessary: true },
});
