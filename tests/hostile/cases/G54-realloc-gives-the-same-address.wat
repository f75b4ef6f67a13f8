;; case: G54
;; what: the allocator gives the same address for everything, so that the payload overwrites itself
;; expect: stored
;; behaves: never
(module
  (memory (export "memory") 2)
  (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) (i32.const 8192))
  %METHODS%
  (func $attack (result i32) (call $item (i32.const 53) (i32.const 4))))
