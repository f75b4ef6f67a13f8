;; case: G06
;; what: imports that no connector is granted: another vendor's, threads, a package that only looks like WASI
;; expect: refused import-denied
;; says: host:system/exec@1.0.0
;; says: wasi-fake:cli/run@0.2.0
;; says: wasi:keyvalue/store@0.2.0
;; form: raw
(component
  (import "host:system/exec@1.0.0" (instance))
  (import "wasi-fake:cli/run@0.2.0" (instance))
  (import "wasi:keyvalue/store@0.2.0" (instance))
  (core module $module
    (memory (export "memory") 1)
    (func (export "realloc") (param i32 i32 i32 i32) (result i32) unreachable))
  (instance $nothing)
  (export "lockgate:connector/translator@1.1.0" (instance $nothing)))
