;; case: G54
;; what: the allocator traps when the host hands over the payload
;; expect: fails trap
;; says: unreachable
;; behaves: never
(module
  (memory (export "memory") 2)
  (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) unreachable)
  %METHODS%
  (func $attack (result i32) unreachable))
