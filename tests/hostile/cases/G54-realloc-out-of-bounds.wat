;; case: G54
;; what: the allocator gives the host an address outside of the memory for the payload
;; expect: fails bad-output
;; says: realloc return
;; behaves: never
(module
  (memory (export "memory") 2)
  (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) (i32.const -16))
  %METHODS%
  (func $attack (result i32) unreachable))
