;; case: G21
;; what: a memory that begins with 4 GiB
;; expect: refused compile-limit
;; says: memory
(module
  (memory (export "memory") 65536)
  (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) unreachable)
  %METHODS%
  (func $attack (result i32) unreachable))
