;; case: G21
;; what: a memory that begins with more than the operator grants, but not more than the pool has
;; expect: fails memory-limit
;; behaves: never
;; limits: memory_mib=4
;; peak-mib: 4
(module
  (memory (export "memory") 2048)
  (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) unreachable)
  %METHODS%
  (func $attack (result i32) unreachable))
