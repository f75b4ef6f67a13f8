;; case: G54
;; what: the allocator gives address 0 for everything, so that the payload overwrites the guest's data
;; expect: stored
;; behaves: never
(module
  (memory (export "memory") 2)
  (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) (i32.const 0))
  %METHODS%
  (data (i32.const 4096) "test.item")
  (func $attack (result i32) (call $object (i32.const 4096) (i32.const 9) (i32.const 4100) (i32.const 5))))
