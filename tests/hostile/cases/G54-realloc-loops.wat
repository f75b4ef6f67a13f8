;; case: G54
;; what: the allocator never returns when the host hands over the payload
;; expect: fails deadline
;; behaves: never
(module
  (memory (export "memory") 2)
  (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) (loop $again (br $again)) unreachable)
  %METHODS%
  (func $attack (result i32) unreachable))
